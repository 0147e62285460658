"""containerd's configuration: its file, the files that it imports, and what they say together."""

import fnmatch
import glob
import os
from typing import Dict, List, NamedTuple, Optional

from labcharm.machine import Machine
from reconciler.config_toml import remove_edits
from reconciler.daemon_rules import Version
from reconciler.toml_text import Path, entries, strings, values

# The version of a file that the charm makes; all releases since 1.3 read it.
NEW_VERSION = 2
NEWEST_VERSION = 4
# The first release that merges the tables of a plugin. Before it, the last file that has tables of
# the plugin replaces those of all other files (mergeConfig in containerd's server/config).
_MERGING: Version = (2, 0)
# The CRI plugin's table by the file's version (containerd docs, config versions 1 to 4).
_PLUGINS: Dict[int, Path] = {
    1: ("plugins", "cri"),
    2: ("plugins", "io.containerd.grpc.v1.cri"),
    3: ("plugins", "io.containerd.cri.v1.runtime"),
    4: ("plugins", "io.containerd.cri.v1.runtime"),
}


class CriFile(NamedTuple):
    """One of containerd's files.

    Attributes:
        path: Its path.
        text: Its text; None when it does not exist.
        original: Its text without the charm's edits.
        version: The version that it states, or that of the file that imports it.
    """

    path: str
    text: Optional[str]
    original: str
    version: int

    @property
    def plugin(self) -> Path:
        """The path of the CRI plugin's table."""
        return _plugin(self.version)

    def has_table(self, *names: str) -> bool:
        """Return whether the file has a table of the CRI plugin, or keys or tables below it."""
        table = (*self.plugin, *names)
        return any(entry.path[: len(table)] == table for entry in entries(self.original))

    def plugin_values(self) -> Dict[Path, str]:
        """Return the values of the CRI plugin by their paths below its table."""
        return plugin_values(self.original, self.plugin)


def plugin_values(text: str, plugin: Path) -> Dict[Path, str]:
    """Return the values of a plugin in a text by their paths below its table."""
    size = len(plugin)
    return {path[size:]: value for path, value in values(text).items() if path[:size] == plugin}


def dumped_values(dump: str) -> Dict[Path, str]:
    """Return the values of the CRI plugin in what `containerd config dump` prints."""
    return plugin_values(dump, _plugin(_version(dump, 1)))


def read_files(machine: Machine, path: str) -> List[CriFile]:
    """Return containerd's file and those that it imports, in the order in which it reads them."""
    files: Dict[str, CriFile] = {}
    pending = [path]
    while pending:
        current = pending.pop(0)
        if current in files:
            continue
        text = machine.read(current)
        version = files[path].version if files else 1
        original = remove_edits(text) if text is not None else f"version = {NEW_VERSION}\n"
        files[current] = CriFile(current, text, original, _version(original, version))
        pending += _imports(machine, current, original)
    # An imported file that is missing keeps containerd from starting; the charm never makes it.
    return [file for file in files.values() if file.text is not None or file.path == path]


def last_with_plugin(files: List[CriFile]) -> CriFile:
    """Return the file that decides about the CRI plugin: the last one that has its tables."""
    return next((file for file in reversed(files) if file.has_table()), files[0])


def effective_files(files: List[CriFile], version: Optional[Version]) -> List[CriFile]:
    """Return the files whose tables of the CRI plugin have effect, the last one first.

    Args:
        files: The files in the order in which containerd reads them.
        version: containerd's version; None where it is not known.
    """
    if version is not None and version < _MERGING:
        return [last_with_plugin(files)]
    return files[::-1]


def merged_values(files: List[CriFile]) -> Dict[Path, str]:
    """Return the values of the CRI plugin in several files, of which the first ones decide."""
    merged: Dict[Path, str] = {}
    for file in reversed(files):
        merged.update(file.plugin_values())
    return merged


def _plugin(version: int) -> Path:
    return _PLUGINS[min(max(version, 1), NEWEST_VERSION)]


def _version(text: str, default: int) -> int:
    value = values(text).get(("version",), "")
    return int(value) if value.isdecimal() else default


def _imports(machine: Machine, importer: str, text: str) -> List[str]:
    """Return the files that a file imports (resolveImports in containerd's server/config)."""
    paths: List[str] = []
    for name in strings(values(text).get(("imports",), "")):
        path = os.path.normpath(os.path.join(os.path.dirname(importer), name))
        paths += matching_files(machine, path) if "*" in path else [path]
    return paths


def matching_files(machine: Machine, pattern: str) -> List[str]:
    """Return the files that match a pattern, sorted; as in Go, `*` also matches a leading dot."""
    directory, name = os.path.split(pattern)
    paths = []
    for real in sorted(glob.glob(machine.path(directory))):
        below = real[len(machine.root) :]
        paths += [f"{below}/{entry}" for entry in fnmatch.filter(sorted(_names(real)), name)]
    return paths


def _names(directory: str) -> List[str]:
    return os.listdir(directory) if os.path.isdir(directory) else []
