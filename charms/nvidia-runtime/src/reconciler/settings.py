"""What the administrator wants of the runtime, and where it is written down for every start."""

import json
from typing import Any, List, NamedTuple, Optional, Tuple

from labcharm.machine import Machine

HOME = "/var/lib/nvidia-runtime"
WISH = HOME + "/wish.json"
NAME = "nvidia"
PROGRAM = "nvidia-container-runtime"
_FOLDERS = ("/usr/local/nvidia/toolkit", "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
            "/usr/bin", "/sbin", "/bin")  # fmt: skip

Wish = NamedTuple("Wish", [("path", str), ("args", Tuple[str, ...]), ("default", bool)])


def find_program(machine: Machine, name: str = PROGRAM) -> str:
    """Return the path of a program in the usual folders; empty when it is in none."""
    if name.startswith("/"):
        return name if machine.exists(name) else ""
    for folder in _FOLDERS:
        if machine.exists(folder + "/" + name):
            return folder + "/" + name
    return ""


def write_wish(machine: Machine, wish: Wish) -> bool:
    """Write a wish down; tell whether it is another than before."""
    text = json.dumps(
        {"path": wish.path, "args": list(wish.args), "default": wish.default}, sort_keys=True
    )
    return machine.write(WISH, text + "\n")


def read_wish(machine: Machine) -> Optional[Wish]:
    """Read the wish; None when there is none that can be read."""
    document = parse(machine.read(WISH))
    if not isinstance(document, dict):
        return None
    args = document.get("args")
    words: List[str] = [str(word) for word in args] if isinstance(args, list) else []
    return Wish(str(document.get("path", "")), tuple(words), bool(document.get("default")))


def parse(text: Optional[str]) -> Any:
    """Return the JSON document of a text; None when it is none."""
    try:
        return json.loads(text) if text is not None else None
    except ValueError:
        return None
