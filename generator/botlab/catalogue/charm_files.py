"""The YAML files of a charm, from its directory or its packed archive.

An archive may come from anywhere. Therefore only a limited number of bytes is read of each file,
whatever size the archive claims.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path

from ..errors import FileError
from ..text_files import is_regular_file, read_bytes
from ..yaml_nodes import decode_text
from .yaml_files import YamlMapping, load_yaml

_YAML_FILES = ("metadata.yaml", "config.yaml", "actions.yaml", "charmcraft.yaml", "manifest.yaml")
_LXD_PROFILE = "lxd-profile.yaml"
# The largest config.yaml of the Kubernetes charms has 60 kB.
_LARGEST_FILE = 2**20
# What zipfile raises for a damaged archive.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # an unknown compression method
    OSError,
    RuntimeError,  # an encrypted file
    ValueError,  # among them names that are not UTF-8
    lzma.LZMAError,
    struct.error,
)


class CharmFiles:
    """The files of a charm that hold facts.

    Attributes:
        mappings: The content of the YAML files, by file name. Empty files are missing.
        has_lxd_profile: Whether the charm has a profile for LXD containers.
    """

    def __init__(
        self, mappings: dict[str, YamlMapping], location: str, *, has_lxd_profile: bool
    ) -> None:
        self.mappings = mappings
        self._location = location
        self.has_lxd_profile = has_lxd_profile

    def file_name(self, name: str) -> str:
        """Return the name of one of the files for messages."""
        return f"{self._location}{name}"


def read_charm_files(path: Path) -> CharmFiles:
    """Return the files of a charm's directory or packed archive.

    Raises:
        BotlabError: When the archive or a file cannot be read. The message names it.
    """
    return _from_archive(path) if is_regular_file(path) else _from_directory(path)


def _from_directory(path: Path) -> CharmFiles:
    files = {name: path / name for name in _YAML_FILES if is_regular_file(path / name)}
    texts = {
        name: decode_text(read_bytes(file, _LARGEST_FILE), str(file))
        for name, file in files.items()
    }
    return _parse(path, "/", texts, has_lxd_profile=is_regular_file(path / _LXD_PROFILE))


def _from_archive(path: Path) -> CharmFiles:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            texts = {
                name: _read_member(archive, name, f"{path}:{name}")
                for name in _YAML_FILES
                if name in names
            }
    except ZIP_ERRORS as error:
        raise FileError(path, f"is not a charm archive: {error}") from None
    return _parse(path, ":", texts, has_lxd_profile=_LXD_PROFILE in names)


def _read_member(archive: zipfile.ZipFile, name: str, shown: str) -> str:
    with archive.open(name) as member:
        return _limited(member.read(_LARGEST_FILE + 1), shown)


def _limited(content: bytes, name: str) -> str:
    if len(content) > _LARGEST_FILE:
        raise FileError(name, f"is larger than {_LARGEST_FILE >> 20} MiB, so it was not read")
    return decode_text(content, name)


def _parse(
    path: Path, separator: str, texts: dict[str, str], *, has_lxd_profile: bool
) -> CharmFiles:
    mappings = {
        name: load_yaml(text, f"{path}{separator}{name}")
        for name, text in texts.items()
        if text.strip()
    }
    return CharmFiles(mappings, f"{path}{separator}", has_lxd_profile=has_lxd_profile)
