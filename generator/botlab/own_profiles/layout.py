"""The files of a profile: the names of those that are read, and the entries that are wrong."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..contained_files import OutsideError, check_contained
from ..errors import BotlabError, FileError
from ..findings import Finding, lab_error, similar
from ..render.limited_templates import is_template_name

UNREADABLE = "PF001"
WRONG_ENTRY = "PF007"
PROFILE_FILE = "profile.yaml"
TEMPLATE_FILE = "bundle.yaml.j2"
OFFLINE_FILE = "offline.yaml"
CATALOGUE = "catalogue"
_NAMES = (PROFILE_FILE, TEMPLATE_FILE, OFFLINE_FILE, CATALOGUE)
_YAML = (".yaml", ".yml")
# The profile of this project with the most charms has 13 catalogue files.
_MOST_ENTRIES = 1000
# The largest profile of this project has 80 kB.
LARGEST_PROFILE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class ProfileLayout:
    """The files of a profile.

    Attributes:
        directory: The directory of the profile, which may be a link.
        files: The files that are read, in order. A file may still be missing, or be unreadable.
        findings: The entries of the directory that are wrong.
    """

    directory: Path
    files: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def templates(self) -> list[Path]:
        """The templates, of which one makes the bundle and the others can be imported."""
        return [file for file in self.files if file.suffix == ".j2"]

    @property
    def charms(self) -> list[Path]:
        """The catalogue files."""
        return [file for file in self.files if file.parent != self.directory]

    def has(self, name: str) -> bool:
        """Return whether the directory has an entry with a name, even a link to nothing."""
        return self.directory / name in self.files


def profile_layout(directory: Path) -> ProfileLayout:
    """Return the files of a profile.

    Args:
        directory: The directory of the profile.
    """
    try:
        entries = _entries(directory)
        files = [entry for entry in entries if _is_read(entry)]
        charms, faults = _catalogue(directory, entries)
        files += charms
        _refuse_large(directory, files)
    except BotlabError as error:
        return ProfileLayout(directory, findings=(unreadable(error, directory),))
    return ProfileLayout(directory, tuple(files), (*_top_faults(entries), *faults))


def _catalogue(directory: Path, entries: list[Path]) -> tuple[list[Path], list[Finding]]:
    """Return the catalogue files, and what is wrong with the catalogue."""
    try:
        charms = _catalogue_entries(directory, entries)
    except BotlabError as error:
        return [], [unreadable(error, directory / CATALOGUE)]
    files = [entry for entry in charms if entry.suffix == ".yaml"]
    return files, list(_catalogue_faults(charms))


def _refuse_large(directory: Path, files: list[Path]) -> None:
    """Refuse files that take long to read.

    Raises:
        FileError: When they are too large together.
    """
    if sum(map(_size, files)) > LARGEST_PROFILE:
        limit = f"{LARGEST_PROFILE >> 20} MiB"
        raise FileError(directory, f"has files of more than {limit}, so they were not read")


def unreadable(error: BotlabError, path: Path) -> Finding:
    """Return the finding for a file or a directory that cannot be read."""
    is_outside = isinstance(error, OutsideError)
    fix = "copy the file into the directory of the profile" if is_outside else "correct the file"
    finding = lab_error(UNREADABLE, (), error.message, fix)
    return dataclasses.replace(finding, file=str(path), line=error.line)


def _entries(directory: Path) -> list[Path]:
    """Return the entries of a directory that are not hidden.

    Raises:
        FileError: When the directory cannot be read, or has too many entries.
    """
    try:
        entries = sorted(itertools.islice(directory.iterdir(), _MOST_ENTRIES + 1))
    except OSError as error:
        raise FileError(directory, f"cannot be read: {error.strerror}") from None
    if len(entries) > _MOST_ENTRIES:
        raise FileError(directory, f"has more than {_MOST_ENTRIES} entries; remove some")
    return [entry for entry in entries if not entry.name.startswith(".")]


def _catalogue_entries(directory: Path, entries: list[Path]) -> list[Path]:
    """Return the entries of the catalogue; none if there is no catalogue.

    Raises:
        FileError: When it is not a directory below that of the profile.
    """
    catalogue = directory / CATALOGUE
    if catalogue not in entries:
        return []
    check_contained(catalogue, directory)
    return _entries(catalogue)


def _size(file: Path) -> int:
    """Return the size of a file; 0 if it cannot be read, which its reader reports."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _is_read(entry: Path) -> bool:
    return entry.name in (PROFILE_FILE, OFFLINE_FILE) or is_template_name(entry.name)


def _top_faults(entries: list[Path]) -> Iterator[Finding]:
    """Yield the entries that are not read because of their names, but were meant to be."""
    names = {entry.name for entry in entries}
    for entry in entries:
        if is_template_name(entry.name) and TEMPLATE_FILE not in names:
            problem = f"is not used, because there is no {TEMPLATE_FILE}"
            yield _wrong(entry, problem, f"rename it to {TEMPLATE_FILE}, or remove it")
        elif entry.suffix == ".j2" and not is_template_name(entry.name):
            fix = "use letters, digits, dots, hyphens and underscores"
            yield _wrong(entry, "has a name that a template cannot import", fix)
        elif entry.name not in _NAMES and _meant_name(entry) not in ("", *names):
            fix = f"rename it to {_meant_name(entry)}"
            yield _wrong(entry, "is not one of the files of a profile", fix)


def _meant_name(entry: Path) -> str:
    """Return the name of a file of a profile that is similar to that of an entry; or empty."""
    choices = [name for name in _NAMES if (name == CATALOGUE) == _is_directory(entry)]
    return next(iter(similar(entry.name.lower(), choices)), "")


def _is_directory(entry: Path) -> bool:
    """Return whether an entry is a directory; false if that cannot be found out."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _catalogue_faults(charms: list[Path]) -> Iterator[Finding]:
    for entry in charms:
        if entry.suffix != ".yaml" and entry.suffix.lower() in _YAML:
            problem = "is not read, because the names of catalogue files end in .yaml"
            yield _wrong(entry, problem, f"rename it to {entry.stem}.yaml")


def _wrong(entry: Path, problem: str, fix: str) -> Finding:
    finding = lab_error(WRONG_ENTRY, (), f"{entry.name} {problem}", fix)
    return dataclasses.replace(finding, file=str(entry))
