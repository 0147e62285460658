"""The items that a lab needs, and how people get them."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


class Kind(enum.Enum):
    """The kinds of items, in the order in which a kit lists them."""

    CHARM = "charm"
    RESOURCE = "resource"
    IMAGE = "image"
    SNAP = "snap"
    PACKAGE = "package"
    SERVICE = "service"

    @property
    def title(self) -> str:
        """The heading of the kind's items."""
        return _TITLES[self]


_TITLES = {
    Kind.CHARM: "Charms",
    Kind.RESOURCE: "Resources of charms",
    Kind.IMAGE: "Container images",
    Kind.SNAP: "Snaps",
    Kind.PACKAGE: "Packages of Ubuntu",
    Kind.SERVICE: "Services of the lab",
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a lab needs.

    Attributes:
        kind: Its kind.
        name: Its name, such as that of a charm, or an image with its registry.
        get: How people get it: commands, or a sentence.
        version: Its channel, revision or release; empty if it has none, or the name has it.
        path: Its path in the kit; empty if the lab must provide it by other means.
        target: For an image, its name in the lab's registry.
        digest: What identifies it, such as ``sha256:0123``; empty if nothing does.
        content: What the file must be: the name of the charm for a charm.
        local: The file that the site names; None if it names none.
    """

    kind: Kind
    name: str
    get: str
    version: str = ""
    path: str = ""
    target: str = ""
    digest: str = ""
    content: str = ""
    local: Path | None = None

    @property
    def title(self) -> str:
        """The item in messages."""
        # The name of an unknown list is a title already: "images of k8s".
        is_title = self.name.startswith(f"{self.kind.value}s of ")
        words = [*(() if is_title else (self.kind.value,)), self.name, self.version]
        return " ".join(word for word in words if word)

    @property
    def source(self) -> Hashable:
        """What the file comes from. Items with equal sources share a file."""
        if self.local:
            return self.local.resolve()
        # Applications share the archive of a charm, and names in the lab share an image.
        return (self.kind, self.content or self.name, self.version)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The paths under which a directory or a mirror may have the file, in this order."""
        by_digest = (self.digest.partition(":")[2],) if self.digest else ()
        names = (self.path, self.path.rpartition("/")[2], *by_digest)
        return tuple(dict.fromkeys(names)) if self.path else ()


def directories_of(items: Iterable[Item]) -> list[str]:
    """Return the directories of the items' files, which the commands of people expect."""
    return sorted({item.path.rpartition("/")[0] for item in items} - {""})


def in_order(items: Sequence[Item]) -> list[Item]:
    """Return items by kind, each item once. An image may have several names in the lab.

    Items with one path but different sources stay apart, so that the conflict can be reported.
    """
    unique: dict[Hashable, Item] = {}
    for item in items:
        key = (item.path, item.source) if item.path else item.name
        unique.setdefault((item.kind, key, item.target), item)
    return [item for kind in Kind for item in unique.values() if item.kind is kind]
