"""The folder of what runs beside the hooks: the files by which it and the hooks know each other.

- lock: held while it runs, so that there is one;
- progress.json: since when, and which step;
- kfctl.log: what kfctl prints;
- objects.jsonl: what kfctl made, an object a line, not fitted; there when a run came to its end;
- result.json: how it ended.
"""

import contextlib
import fcntl
import json
import os
from typing import Any, Dict, Iterator, Mapping

OBJECTS = "objects.jsonl"
LOG = "kfctl.log"
PROGRESS, RESULT, WORK = "progress.json", "result.json", "work"
OWN_LOG = "runner.log"
_LOCK = "lock"
# A result that says no more yet.
FAILED = {"ok": False, "passes": True, "step": "start", "message": ""}


class StepError(Exception):
    """A step that failed; the text says why."""

    def __init__(self, step: str, message: str, passes: bool = True) -> None:
        super().__init__(message)
        self.step, self.passes = step, passes


def read(folder: str, name: str) -> Dict[str, Any]:
    """Return what a file of the folder says; nothing where there is none that is whole."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return dict(json.load(file))
    except (FileNotFoundError, ValueError):
        return {}


def write(folder: str, name: str, found: Mapping[str, Any]) -> None:
    """Write a file of the folder, whole or not at all."""
    path = private(folder, name + ".part")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path, os.path.join(folder, name))


def private(folder: str, name: str) -> str:
    """Return a path whose file nobody else may read."""
    path = os.path.join(folder, name)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    return path


def is_free(folder: str) -> bool:
    """Tell whether nothing runs there."""
    try:
        with open(os.path.join(folder, _LOCK)) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def alone(folder: str) -> Iterator[bool]:
    """Hold the folder's lock; give whether it was free."""
    with open(private(folder, _LOCK), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
