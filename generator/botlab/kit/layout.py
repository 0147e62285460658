"""The places of files in a kit: the names that a kit uses itself, and who uses which path."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from .manifest import CHECKSUMS, MANIFEST
from .paths import nested_files, path_problem

SITE, BUNDLE = "site.yaml", "bundle.yaml"
LAYER, OVERLAY = "offline.yaml", "offline-overlay.yaml"
GUIDE, SCRIPT = "INSTALL.md", "load-images.sh"
LAYERS, PROFILES = "layers", "profiles"
_KIT = "the kit itself"
_OWN_FILES = (BUNDLE, LAYER, GUIDE, SCRIPT, MANIFEST, CHECKSUMS)


@dataclass(frozen=True, slots=True)
class Place:
    """The use of a path in a kit.

    Attributes:
        owner: What the file belongs to, in messages: a key of the site, or an item.
        source: Where the content comes from. Uses of a path agree if their sources are equal.
    """

    owner: str
    source: Hashable


@dataclass(slots=True)
class Layout:
    """The paths of a kit, of which each has one file.

    Attributes:
        places: The use of each path. A kit has its own files from the beginning.
        problems: Why paths cannot be in the kit.
    """

    places: dict[str, Place] = field(
        default_factory=lambda: {path: Place(_KIT, "") for path in _OWN_FILES}
    )
    problems: list[str] = field(default_factory=list[str])

    def add(self, path: str, owner: str, source: Hashable) -> bool:
        """Use a path, unless it is in use for another file.

        Args:
            path: The path in the kit.
            owner: What the file belongs to, in messages.
            source: Where the content comes from.

        Returns:
            Whether the path can be used. If not, the reason is one of the problems.
        """
        if problem := self._problem(path, source):
            self.problems.append(f"{owner}: {problem}")
            return False
        self.places.setdefault(path, Place(owner, source))
        return True

    def _problem(self, path: str, source: Hashable) -> str:
        if problem := path_problem(path):
            return f"the path {path!a} {problem}; rename it"
        place = self.places.get(path)
        if place is None or place.source == source:
            return ""
        if place.owner == _KIT:
            return f"{path} is a file of every kit; rename the file of the site"
        return f"{path} is the path of another file in the kit, for {place.owner}; rename one"

    def add_own(self, path: str) -> None:
        """Use a path for a file of the kit itself, which only some kits have."""
        if path in self.places:
            self.problems.append(
                f"{self.places[path].owner}: {path} is a file of this kit; rename the file of the"
                " site"
            )

    def add_nested(self) -> None:
        """Add a problem for each path that is a file and a directory at the same time."""
        self.problems += [
            f"{self.places[path].owner}: {path} is a file, but also the directory of another file"
            " of the kit; rename one of them"
            for path in nested_files(set(self.places))
        ]
