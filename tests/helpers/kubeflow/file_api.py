"""A cluster in a file, for hooks that run as processes of their own and are killed.

Every change is in the file at once, as on a real cluster. The environment variable KILL_AT names
the change at which the process is killed (kill -9): `N` kills it right after the N-th change, and
`N-` right before it.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.fake_apis.memory_api import MemoryApi

Object = dict[str, Any]


class FileApi(MemoryApi):
    """The client of one process.

    Args:
        path: The file.
        version: The server's version.
    """

    def __init__(self, path: Path, version: tuple[int, int]) -> None:
        super().__init__(version)
        self._path, self._changes = path, 0
        stored = json.loads(path.read_text()) if path.exists() else []
        self.objects = {tuple(key): live for key, live in stored}
        # Every process is a later run, so that its objects are newer than those of earlier ones.
        self._run = len(list(path.parent.iterdir()))
        self._count = 1000 * self._run
        number = os.environ.get("KILL_AT", "")
        self._kill_at = int(number.rstrip("-") or 0)
        self._is_before = number.endswith("-")

    def request(self, method: str, path: str, query: Any = None) -> Object:
        """Return an empty list: nothing here is created by controllers."""
        return {"items": []}

    def close(self) -> None:
        """Do nothing."""

    def delete(self, manifest: Mapping[str, Any]) -> bool:
        """Delete an object."""
        if self.get(manifest) is None:
            return False
        self._begin_change()
        deleted = super().delete(manifest)
        self._end_change()
        return deleted

    def _put(self, key: Any, live: Object) -> Object:
        self._begin_change()
        before = self.objects.get(key, {}).get("metadata", {})
        created = before.get("creationTimestamp") or f"{self._run:06}"
        live["metadata"] = {**live["metadata"], "creationTimestamp": created}
        stored = super()._put(key, live)
        self._end_change()
        return stored

    def _begin_change(self) -> None:
        self._changes += 1
        if self._is_before:
            self._kill()

    def _end_change(self) -> None:
        self._path.write_text(
            json.dumps([[list(key), live] for key, live in self.objects.items()])
        )
        if not self._is_before:
            self._kill()

    def _kill(self) -> None:
        if self._changes == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
