"""The state of the scripted client: a JSON file that processes change one after the other."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

JsonObject = dict[str, Any]


class Store:
    """The files of one scripted client.

    ``state.json`` is replaced in one step, under a lock, so that a reader never sees a part of it
    and two calls at the same time do not lose each other's changes. ``calls.jsonl`` has one line
    for each finished event of a call.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._state = os.path.join(directory, "state.json")
        self._lock = os.path.join(directory, "lock")
        self._calls = os.path.join(directory, "calls.jsonl")

    @contextmanager
    def locked(self) -> Iterator[JsonObject]:
        """Yield the state for changes, and save it when the block ends."""
        with open(self._lock, "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self.read()
            before = json.dumps(state)
            try:
                yield state
            finally:
                after = json.dumps(state)
                if after != before:
                    self._replace(after)

    def read(self) -> JsonObject:
        """Return the state as it is now."""
        with open(self._state) as file:
            return json.load(file)

    def create(self, state: JsonObject) -> None:
        """Write the first state."""
        self._replace(json.dumps(state))

    def append_call(self, event: JsonObject) -> None:
        """Add one line to the record of calls.

        One write of an append-only file is not mixed with another process's write.
        """
        line = (json.dumps(event) + "\n").encode()
        descriptor = os.open(self._calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def call_events(self) -> list[JsonObject]:
        """Return the events of all calls, the oldest first."""
        try:
            with open(self._calls) as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def _replace(self, text: str) -> None:
        draft = f"{self._state}.{os.getpid()}"
        with open(draft, "w") as file:
            file.write(text)
        os.replace(draft, self._state)
