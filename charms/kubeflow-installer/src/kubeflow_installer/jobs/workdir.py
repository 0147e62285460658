"""The directory of a background job: the files through which the job and the hooks communicate.

- lock: held while the job runs, so that only one runs there;
- progress.json: when the job started, and its step;
- kfctl.log: kfctl's output;
- objects.jsonl: the objects that kfctl made, one per line, as upstream has them; the file exists
  once a run is complete;
- result.json: how the job ended.
"""

import contextlib
import fcntl
import json
import os
from typing import Iterator

from labcharm.documents import parse_object
from labcharm.json_types import JsonObject

OBJECTS = "objects.jsonl"
LOG = "kfctl.log"
PROGRESS, RESULT, WORK = "progress.json", "result.json", "work"
RUNNER_LOG = "runner.log"
_LOCK = "lock"
# The result of a job before anything more is known.
FAILED = {"ok": False, "passes": True, "step": "start", "message": ""}


def read_json(directory: str, name: str) -> JsonObject:
    """Return the content of a file; empty when the file is missing or not complete."""
    try:
        with open(os.path.join(directory, name), "rb") as file:
            return parse_object(file.read()) or {}
    except FileNotFoundError:
        return {}


def write_json(directory: str, name: str, content: JsonObject) -> None:
    """Write a file as a whole or not at all."""
    path = create_private(directory, name + ".part")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path, os.path.join(directory, name))


def create_private(directory: str, name: str) -> str:
    """Create a file that no other user may read, and return its path."""
    path = os.path.join(directory, name)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    return path


def is_idle(directory: str) -> bool:
    """Return whether no job runs in a directory."""
    try:
        with open(os.path.join(directory, _LOCK)) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def exclusive(directory: str) -> Iterator[bool]:
    """Hold the directory's lock; yield whether it was free."""
    with open(create_private(directory, _LOCK), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
