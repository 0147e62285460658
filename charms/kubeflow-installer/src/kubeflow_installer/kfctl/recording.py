"""The objects that kfctl made in a run, recorded in a file."""

import json
import os
from typing import Dict, Iterable, List, Optional

from labcharm.json_types import JsonObject
from labkube.client.references import Ref, ref_of


class Recording:
    """The objects that kfctl made, one per line, in the order in which it sent them.

    kfctl sends some objects more than once in a run, from two components and with different
    content; the last one counts.

    Args:
        path: The file. It holds Secrets, so no other user may read it.
        earlier_lines: The lines of an earlier run.
    """

    def __init__(self, path: str, earlier_lines: Iterable[str] = ()) -> None:
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        self._latest: Dict[Ref, JsonObject] = {}
        self._earlier: Dict[Ref, List[JsonObject]] = {}
        for line in earlier_lines:
            manifest = json.loads(line)
            self._earlier.setdefault(ref_of(manifest), []).append(manifest)
        self.foreign: List[str] = []

    @property
    def count(self) -> int:
        """The number of objects."""
        return len(self._latest)

    def add(self, manifest: JsonObject) -> None:
        """Add an object that is applied."""
        if self._latest.get(ref_of(manifest)) == manifest:
            return  # kfctl repeats a component as a whole
        self._latest[ref_of(manifest)] = manifest
        self._file.write(json.dumps(manifest, sort_keys=True) + "\n")
        self._file.flush()

    def latest(self, manifest: JsonObject) -> Optional[JsonObject]:
        """Return what kfctl last made under an object's name in this run."""
        return self._latest.get(ref_of(manifest))

    def was_replaced(self, manifest: JsonObject) -> bool:
        """Return whether another object of the same name followed this one in the earlier run."""
        versions = self._earlier.get(ref_of(manifest), [])
        return manifest in versions and versions[-1] != manifest

    def add_foreign(self, name: str) -> None:
        """Add the name of an object that this application did not make."""
        if name not in self.foreign:
            self.foreign.append(name)

    def close(self) -> None:
        """Write the file to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
