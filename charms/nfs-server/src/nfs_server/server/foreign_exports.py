"""Lines of the administrator in /etc/exports and /etc/exports.d."""

import re
from typing import Iterable, List, NamedTuple, Tuple

from labcharm.machine import Machine

MAIN_FILE = "/etc/exports"
DIRECTORY = "/etc/exports.d"
# Comments out a foreign line while this charm exports its directory. Removal restores the line.
_MARK = "#nfs-server-charm# "


class ForeignLine(NamedTuple):
    """A line that exports a directory of this application.

    Attributes:
        path: The file.
        number: The line's number, from 1 on.
        directory: What it exports.
    """

    path: str
    number: int
    directory: str

    def __str__(self) -> str:
        return f"{self.path} line {self.number} exports {self.directory}"


class ForeignExports:
    """The exports files of a machine other than the application's own one.

    Args:
        machine: The machine.
        own_file: The application's own file.
    """

    def __init__(self, machine: Machine, own_file: str) -> None:
        self._machine, self._own_file = machine, own_file

    def files(self) -> List[str]:
        """Return the files that exportfs reads, without the application's own one."""
        names = self._machine.run(["ls", "-1", self._machine.path(DIRECTORY)]).out.split()
        paths = [f"{DIRECTORY}/{name}" for name in names if name.endswith(".exports")]
        return [MAIN_FILE] + [path for path in paths if path != self._own_file]

    def find(self, directories: Iterable[str]) -> List[ForeignLine]:
        """Return the lines that export any of these directories."""
        paths = set(directories)
        lines = [
            ForeignLine(path, number, directory_of(line))
            for path in self.files()
            for number, line in logical_lines(self._machine.read(path) or "")
        ]
        return [line for line in lines if line.directory in paths]

    def comment_out(self, directories: Iterable[str], files: Iterable[str]) -> None:
        """Comment out the lines of some files that export any of these directories."""
        paths = set(directories)
        for path in files:
            text = self._machine.read(path) or ""
            lines = text.splitlines(True)
            for number, line in logical_lines(text):
                if directory_of(line) in paths:
                    for index in range(number - 1, number + line.count("\n")):
                        lines[index] = _MARK + lines[index]
            self._machine.write(path, "".join(lines))

    def restore(self) -> bool:
        """Restore the lines that were commented out; return whether there were any."""
        restored = [self._restore(path) for path in self.files()]
        return any(restored)

    def _restore(self, path: str) -> bool:
        text = self._machine.read(path)
        if text is None or _MARK not in text:
            return False
        return self._machine.write(path, text.replace(_MARK, ""))


def directory_of(line: str) -> str:
    """Return the directory that a line of exports(5) exports; empty for comments and blanks."""
    match = re.match(r'\s*("[^"]+"|[^\s#]\S*)', line)
    if not match:
        return ""
    raw = match.group(1).strip('"')
    path = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal.group(1), 8)), raw)
    return path.rstrip("/") or "/"


def logical_lines(text: str) -> List[Tuple[int, str]]:
    """Return the lines with their numbers; lines that a backslash continues are joined."""
    logical: List[Tuple[int, str]] = []
    parts: List[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if parts else number
        parts.append(line)
        if not line.endswith("\\"):
            logical.append((start, "\n".join(parts)))
            parts = []
    return logical + ([(start, "\n".join(parts))] if parts else [])
