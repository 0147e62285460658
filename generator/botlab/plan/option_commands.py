"""Commands that set options of running applications.

The client of Juju 4 sends changed options of a bundle as a YAML document, which the controller
refuses (``setConfig`` of its facade Application: "config yaml not supported"). There these
commands must come before ``juju deploy``. Earlier releases do the same as a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..juju import Juju
from ..shell import juju_command

# The largest argument of a process on Linux is 128 KiB (MAX_ARG_STRLEN).
_LARGEST_ARGUMENT = 100_000
_SECRET = re.compile(
    r"passw|secret|token|credential|private|api[-_]?key|kubeconfig", re.IGNORECASE
)
_FILE = "@FILE"
REASON = "Juju 4 cannot set options of a running application with a bundle"


def can_change_options(juju: Juju) -> bool:
    """Return whether ``juju deploy`` of a bundle can set options of a running application."""
    return juju < Juju.V4_0


def is_secret_option(key: str) -> bool:
    """Return whether an option can hold a secret, by its name. Its content is not shown."""
    return _SECRET.search(key) is not None


def is_argument(key: str, text: str) -> bool:
    """Return whether an option can be an argument of ``juju config``.

    A secret must not be one, because all users of a computer can read the arguments of a process.

    Args:
        key: The name of the option.
        text: Its value.
    """
    return is_short(text) and not is_secret_option(key)


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
