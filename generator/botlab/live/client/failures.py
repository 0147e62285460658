"""The messages of the ``juju`` program, and what to do about each.

The texts are those of the source of Juju 2.9, 3.6 and 4.0 (cmd/modelcmd, api/apiclient.go,
jujuclient) and of recorded calls of 4.0.15.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ...shell import command_line
from ..errors import (
    CommandFailedError,
    ControllerMissingError,
    LiveError,
    LoginError,
    ModelMissingError,
    UnreachableError,
    UnsupportedError,
)
from ..process import ProcessResult

_MESSAGE_LENGTH = 400
_PASSWORD_PROMPT = "please enter password"  # noqa: S105 - what the client prints


class _Failure(NamedTuple):
    """A failed call.

    Attributes:
        call: The call.
        message: The message of the program, in one line.
        model: The model that the call was for; empty for the current one.
    """

    call: str
    message: str
    model: str

    def text(self, fix: str) -> str:
        """Return the text of an error with a fix."""
        return f"{self.call}: {self.message}; {fix}"


def failure(call: str, result: ProcessResult, model: str) -> LiveError:
    """Return the error for a call that failed.

    Args:
        call: The call, such as ``juju status``.
        result: How the program ended.
        model: The model that the call was for; empty for the current one.
    """
    message = error_message(result.stderr)
    if _PASSWORD_PROMPT in result.stderr:
        return _login(_Failure(call, "the controller asks for a password", model))
    for pattern, error in _KINDS:
        if pattern.search(message):
            return error(_Failure(call, message, model))
    return CommandFailedError(call, result.status, error_text(result.stderr))


def error_text(output: str) -> str:
    """Return the last error that the program printed, without progress and warnings before it."""
    start = max(output.rfind("\nERROR ") + 1, 0)
    text = output[start:].strip()
    return text.removeprefix("ERROR ").strip() or output.strip()


def error_message(output: str) -> str:
    """Return the last error that the program printed, in one line of limited length."""
    line = " ".join(error_text(output).split()).rstrip(".;:")
    return line if len(line) <= _MESSAGE_LENGTH else line[:_MESSAGE_LENGTH] + "..."


def _no_controller(failed: _Failure) -> LiveError:
    return ControllerMissingError(
        failed.text(
            "name a controller with --controller (juju controllers lists them), or create one with"
            " juju bootstrap"
        )
    )


def _other_certificate(failed: _Failure) -> LiveError:
    return ControllerMissingError(
        failed.text(
            "another controller answers at this address: run juju unregister and juju register, or"
            " name another one with --controller"
        )
    )


def _no_model(failed: _Failure) -> LiveError:
    controller, _, qualified_name = failed.model.rpartition(":")
    name = qualified_name.rpartition("/")[2]
    options = ["-c", controller] if controller else []
    create = command_line("juju", "add-model", *options, name or "NAME")
    return ModelMissingError(
        name,
        failed.text(
            f"create the model with `{create}`, or name another one with --model (juju models"
            " lists them)"
        ),
    )


def _login(failed: _Failure) -> LiveError:
    controller = failed.model.partition(":")[0] if ":" in failed.model else ""
    options = ["-c", controller] if controller else []
    return LoginError(failed.text(f"log in with `{command_line('juju', 'login', *options)}`"))


def _no_ssh_key(failed: _Failure) -> LiveError:
    options = ["-m", failed.model] if failed.model else []
    add = command_line("juju", "add-ssh-key", *options)
    return LoginError(
        failed.text(
            f'the machines do not have your SSH key: add it with `{add} "$(cat'
            ' ~/.ssh/id_ed25519.pub)"`'
        )
    )


def _no_ssh(failed: _Failure) -> LiveError:
    return LiveError(
        failed.text(
            "check in `juju status` that the machine of the unit is up, and repeat the command"
        )
    )


def _no_permission(failed: _Failure) -> LiveError:
    return LoginError(
        failed.text(
            "this user may not do that: log in as another user with `juju login -u USER`, or let"
            " an administrator run `juju grant`"
        )
    )


def _unreachable(failed: _Failure) -> LiveError:
    return UnreachableError(
        failed.text(
            "check that the controller's machine is up and that the network reaches it (juju"
            " show-controller names its addresses)"
        )
    )


def _incompatible(failed: _Failure) -> LiveError:
    return UnsupportedError(
        failed.text(
            "the client or the controller cannot do this: compare their releases with `juju"
            " version` and `juju show-controller`, and install the client of the controller's"
            " release"
        )
    )


_Kind = tuple[re.Pattern[str], Callable[[_Failure], LiveError]]

_KINDS: tuple[_Kind, ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (
            r"no model in focus|no model specified|no current model|current model for controller"
            r"|\bmodel \S+ not found|model not found|model \S+ has been (?:removed|migrated)",
            _no_model,
        ),
        (
            r"no controllers registered|no selected controller|there is no active controller"
            r"|\bcontroller \S+ not found|no controller specified",
            _no_controller,
        ),
        (
            r"x509:|certificate signed by unknown authority|no certificates found",
            _other_certificate,
        ),
        (r"permission denied \(publickey", _no_ssh_key),
        (r"^ssh: connect to host|cannot connect to any address|no address found", _no_ssh),
        (
            r"invalid entity name or password|not logged|login expired"
            r"|macaroon|cannot get discharge|interaction required|no credentials provided"
            r"|unauthori[sz]ed|session token|cannot log into",
            _login,
        ),
        (r"permission denied", _no_permission),
        (
            # Not "SOMETHING not implemented": that is a refusal of this request by a controller of
            # any release.
            r"not compatible with server|client is too old|is not implemented"
            r"|\(not implemented\)|^not implemented$"
            r"|juju client major version|unrecognized command|is not a juju command"
            r"|unknown facade",
            _incompatible,
        ),
        (
            r"unable to connect to api|connection refused|no reachable servers|i/o timeout"
            r"|no route to host|network is unreachable|no such host|connection reset"
            r"|connection is shut down|context deadline exceeded|websocket: |broken pipe"
            r"|upgrade in progress|tls handshake timeout|^eof$",
            _unreachable,
        ),
    )
)
