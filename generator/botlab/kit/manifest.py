"""The table of contents of a kit, ``kit.json``, and the checksums for ``sha256sum``."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..errors import BotlabError, FileError
from ..json_text import load_json
from .items import Item, Kind
from .limits import LARGEST_FILE
from .paths import nested_files, path_problem

MANIFEST, CHECKSUMS = "kit.json", "SHA256SUMS"
FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TEXTS = ("botlab", "site", "juju", "profile")
_ITEM_KEYS = ("kind", "name", "version", "path", "target", "digest", "get", "included")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a kit: its path, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item of the lab, and whether its file is in the kit."""

    item: Item
    included: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """The table of contents of a kit.

    Attributes:
        botlab: The version of botlab that made the kit.
        site: The name of the site.
        juju: Its Juju release.
        profile: Its profile.
        files: All files of the kit but this table and the checksums, sorted by their paths.
        items: What the lab needs, whether it is in the kit or not.
    """

    botlab: str
    site: str
    juju: str
    profile: str
    files: tuple[FileEntry, ...]
    items: tuple[ItemEntry, ...]

    @property
    def missing(self) -> list[Item]:
        """The items with a file that is not in the kit."""
        return [entry.item for entry in self.items if is_missing(entry)]

    def as_text(self) -> str:
        """Return the text of ``kit.json``."""
        content = {
            "format": FORMAT,
            **{key: getattr(self, key) for key in _TEXTS},
            "files": [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in self.files],
            "items": [item_as_json(entry) for entry in self.items],
        }
        return f"{json.dumps(content, indent=1)}\n"


def is_missing(entry: ItemEntry) -> bool:
    """Return whether an item should be in a kit and is not.

    The lab provides packages and services by other means, such as a mirror.
    """
    return not entry.included and entry.item.kind not in (Kind.PACKAGE, Kind.SERVICE)


def entries_of(manifest: Manifest, paths: Collection[str]) -> tuple[ItemEntry, ...]:
    """Return the items of a kit, and whether it has them now.

    Args:
        manifest: Its table of contents. Files may have been added or removed since it was written.
        paths: The paths of the files that the kit has.
    """
    return tuple(
        ItemEntry(entry.item, entry.item.path in paths) if entry.item.path else entry
        for entry in manifest.items
    )


def item_as_json(entry: ItemEntry) -> dict[str, str | bool]:
    """Return the stable JSON form of an item."""
    item = entry.item
    texts = {key: getattr(item, key) for key in ("version", "path", "target", "digest", "get")}
    return {"kind": item.kind.value, "name": item.name, **texts, "included": entry.included}


def checksums(files: Sequence[FileEntry]) -> str:
    """Return the text of ``SHA256SUMS``, as ``sha256sum --check`` reads it."""
    ordered = sorted(files, key=lambda file: file.path)
    return "".join(f"{file.sha256}  {file.path}\n" for file in ordered)


def read_manifest(text: str, name: str) -> Manifest:
    """Return a table of contents.

    Args:
        text: The text of ``kit.json``.
        name: Its name in messages.

    Raises:
        BotlabError: When the text is not one of a kit that this botlab reads.
    """
    return _Decoder(name).manifest(load_json(text, name))


def _item_of(kind: Kind, texts: Mapping[str, str]) -> Item:
    return Item(
        kind,
        texts["name"],
        texts["get"],
        version=texts["version"],
        path=texts["path"],
        target=texts["target"],
        digest=texts["digest"],
    )


class _Decoder:
    """Decodes a table of contents that may come from anywhere."""

    def __init__(self, name: str) -> None:
        self._name = name

    def manifest(self, content: Any) -> Manifest:
        """Return the table of contents of a JSON value."""
        mapping = self._mapping(content, "the file", ("format", *_TEXTS, "files", "items"))
        if type(mapping["format"]) is not int or mapping["format"] != FORMAT:
            raise self._error(f"format is {mapping['format']!a}, but this botlab reads {FORMAT}")
        texts = {key: self._text(mapping[key], key) for key in _TEXTS}
        files = tuple(self._file(f) for f in self._list(mapping["files"], "files"))
        paths = [file.path for file in files]
        if paths != sorted(set(paths)):
            raise self._error("files are not sorted, or one is in it twice")
        if nested := nested_files(set(paths)):
            raise self._error(f"files: {nested[0]} is a file and a directory")
        items = tuple(self._item(i, set(paths)) for i in self._list(mapping["items"], "items"))
        return Manifest(files=files, items=items, **texts)

    def _file(self, content: Any) -> FileEntry:
        mapping = self._mapping(content, "files", ("path", "size", "sha256"))
        path = self._path(mapping["path"])
        size, sha256 = mapping["size"], self._text(mapping["sha256"], "sha256")
        if type(size) is not int or not 0 <= size <= LARGEST_FILE:
            raise self._error(
                f"files: the size of {path} is not a number of bytes that a file of a kit can have"
            )
        if not _SHA256.fullmatch(sha256):
            raise self._error(f"files: the sha256 of {path} is not a SHA-256")
        if path in (MANIFEST, CHECKSUMS):
            raise self._error(f"files: {path} cannot be in it")
        return FileEntry(path, size, sha256)

    def _item(self, content: Any, paths: set[str]) -> ItemEntry:
        mapping = self._mapping(content, "items", _ITEM_KEYS)
        texts = {key: self._text(mapping[key], key) for key in _ITEM_KEYS if key != "included"}
        kinds = {kind.value: kind for kind in Kind}
        kind = kinds.get(texts.pop("kind"))
        if kind is None or not isinstance(mapping["included"], bool):
            raise self._error(f"items: {texts['name']} has an unknown kind or no `included`")
        if texts["path"]:
            self._path(texts["path"])
        if mapping["included"] and texts["path"] and texts["path"] not in paths:
            raise self._error(f"items: {texts['path']} is included, but not in files")
        return ItemEntry(_item_of(kind, texts), mapping["included"])

    def _path(self, content: Any) -> str:
        path = self._text(content, "path")
        if problem := path_problem(path):
            raise self._error(f"the path {path!a} {problem}")
        return path

    def _mapping(self, content: Any, place: str, keys: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(content, dict):
            raise self._error(f"{place}: is not a mapping")
        mapping = cast("dict[str, Any]", content)
        if mapping.keys() != set(keys):
            names = ", ".join(sorted(mapping.keys() ^ set(keys)))
            raise self._error(f"{place}: has missing or unknown keys: {names}")
        return mapping

    def _list(self, content: Any, key: str) -> list[Any]:
        if not isinstance(content, list):
            raise self._error(f"{key}: is not a list")
        return cast("list[Any]", content)

    def _text(self, content: Any, key: str) -> str:
        if not isinstance(content, str):
            raise self._error(f"{key}: is not a text")
        return content

    def _error(self, problem: str) -> BotlabError:
        return FileError(self._name, problem)
