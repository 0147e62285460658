"""The runtime's settings, and the file that hands them from the charm to the program."""

import json
from typing import NamedTuple, Optional, Tuple

from labcharm.documents import parse_object
from labcharm.machine import Machine

STATE_DIRECTORY = "/var/lib/nvidia-runtime"
SETTINGS_FILE = STATE_DIRECTORY + "/wish.json"
RUNTIME_NAME = "nvidia"
RUNTIME_PROGRAM = "nvidia-container-runtime"
_PROGRAM_DIRECTORIES = (
    "/usr/local/nvidia/toolkit",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
)


class RuntimeSettings(NamedTuple):
    """The runtime that the administrator asks for.

    Attributes:
        path: The path of the runtime's program.
        args: The arguments that docker passes to it.
        is_default: Whether it is the engine's default runtime.
    """

    path: str
    args: Tuple[str, ...]
    is_default: bool


def find_program(machine: Machine, name: str = RUNTIME_PROGRAM) -> str:
    """Return the path of a program in the usual directories; empty when it is in none of them.

    A name that is an absolute path is returned as it is, if that file exists.
    """
    if name.startswith("/"):
        return name if machine.exists(name) else ""
    paths = (f"{directory}/{name}" for directory in _PROGRAM_DIRECTORIES)
    return next((path for path in paths if machine.exists(path)), "")


def write_settings(machine: Machine, settings: RuntimeSettings) -> bool:
    """Write the settings file; return whether it changed."""
    document = {
        "path": settings.path,
        "args": list(settings.args),
        "default": settings.is_default,
    }
    return machine.write(SETTINGS_FILE, json.dumps(document, sort_keys=True) + "\n")


def read_settings(machine: Machine) -> Optional[RuntimeSettings]:
    """Read the settings file; return None when it is missing or cannot be read."""
    document = parse_object(machine.read(SETTINGS_FILE))
    if document is None:
        return None
    args = document.get("args")
    words = tuple(str(word) for word in args) if isinstance(args, list) else ()
    return RuntimeSettings(str(document.get("path", "")), words, bool(document.get("default")))
