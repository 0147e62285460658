"""Commands that set options of running applications.

The client of Juju 4 sends changed options of a bundle as a YAML document, which the controller
refuses (``setConfig`` of its facade Application: "config yaml not supported"). There these
commands must come before ``juju deploy``. Earlier releases do the same as a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..catalogue.model import Charm
from ..juju import Juju
from ..shell import juju_command
from ..urls import redact

# The largest argument of a process on Linux is 128 KiB (MAX_ARG_STRLEN).
_LARGEST_ARGUMENT = 100_000
_SECRET = re.compile(
    r"passw|secret|token|credential|private|api[-_]?key|kubeconfig", re.IGNORECASE
)
_FILE = "@FILE"
HIDDEN = "(not shown)"
# What documents have in place of the command that sets the options of the model.
HIDDEN_MODEL_CONFIG = (
    "Configure the model with the command that `botlab render` prints. It is not shown here,"
    " because it has a password or another secret."
)
REASON = "Juju 4 cannot set options of a running application with a bundle"


class Command(NamedTuple):
    """A command to run by hand.

    Attributes:
        command: The command.
        why: The reason why Juju does not do the same.
        precedes_deploy: Whether to run it before ``juju deploy`` of the new bundle rather than
            after it.
    """

    command: str
    why: str
    precedes_deploy: bool = False


def can_change_options(juju: Juju) -> bool:
    """Return whether ``juju deploy`` of a bundle can set options of a running application."""
    return juju < Juju.V4_0


def is_secret_option(key: str) -> bool:
    """Return whether an option can hold a secret, by its name. Its content is not shown."""
    return _SECRET.search(key) is not None


def shown_text(key: str, text: str) -> str:
    """Return the value of an option as it is shown to people.

    Args:
        key: The name of the option.
        text: Its value.
    """
    return HIDDEN if is_secret_option(key) else redact(text)


def is_argument(key: str, text: str) -> bool:
    """Return whether an option can be an argument of ``juju config``.

    A secret must not be one, because all users of a computer can read the arguments of a process.
    The query of a URL may be a token.

    Args:
        key: The name of the option.
        text: Its value.
    """
    return is_short(text) and not is_secret_option(key) and redact(text) == text


def are_arguments(texts: Mapping[str, str]) -> bool:
    """Return whether all options can be arguments, so that a document may show their command."""
    return all(is_argument(key, text) for key, text in texts.items())


def is_short(text: str) -> bool:
    """Return whether a value fits into an argument, and Juju does not read it from a file.

    Juju reads a file for a text that begins with ``@``.
    """
    return len(text.encode()) < _LARGEST_ARGUMENT and not text.startswith("@")


def assignments(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments of ``juju config`` for people.

    Args:
        texts: The values by option. ``@FILE`` stands for those that cannot be arguments.
    """
    return tuple(
        f"{key}={text if is_argument(key, text) else _FILE}" for key, text in texts.items()
    )


def reason(texts: Mapping[str, str]) -> str:
    """Return why a command sets options before ``juju deploy``, and what ``@FILE`` stands for."""
    files = about_files(texts)
    return f"{REASON}; {files}" if files else REASON


def about_files(texts: Mapping[str, str]) -> str:
    """Return what ``@FILE`` stands for in a command; empty if it has none.

    Args:
        texts: The values by option.
    """
    keys = [key for key, text in texts.items() if not is_argument(key, text)]
    return f"{_FILE} is a file with the value of {' or '.join(keys)}" if keys else ""


def set_options(application: str, texts: Mapping[str, str]) -> str:
    """Return the command that sets options of an application.

    Args:
        application: Its name.
        texts: The values by option.
    """
    return juju_command("config", application, *assignments(texts))


def reset_options(
    application: str, keys: Sequence[str], charm: Charm | None, juju: Juju
) -> Iterator[Command]:
    """Yield the commands that give options their defaults.

    Juju 4.0.15 does not run the hook ``config-changed`` after a reset, so that the charm would not
    notice it. Therefore the default is set instead, where it is known.

    Args:
        application: The name of the application.
        keys: The options.
        charm: Its charm, if it is known.
        juju: The release of Juju.
    """
    texts = {} if charm is None or can_change_options(juju) else _defaults(charm, keys)
    if texts:
        pairs = [f"{key}={text}" for key, text in texts.items()]
        why = "deploy never resets an option; in Juju 4 a reset would run no hook of the charm"
        yield Command(juju_command("config", application, *pairs), why)
    others = [key for key in keys if key not in texts]
    if others:
        command = juju_command("config", application, options=("--reset", ",".join(others)))
        note = "" if can_change_options(juju) else "; in Juju 4 the charm notices it only later"
        yield Command(command, f"deploy never resets an option{note}")


def _defaults(charm: Charm, keys: Sequence[str]) -> dict[str, str]:
    """Return the defaults of options that can be arguments."""
    texts = {key: _text(charm.options[key].default) for key in keys if key in charm.options}
    return {key: text for key, text in texts.items() if text is not None and is_short(text)}


def _text(default: str | float | bool | None) -> str | None:
    if default is None:
        return None
    return str(default).lower() if isinstance(default, bool) else str(default)
