"""The installed copy of the package `reconciler`: what systemd runs must not need the charm."""

import os
from typing import Dict, Iterable, List

from labcharm.machine import Machine

PROGRAM_DIRECTORY = "/usr/local/lib/nvidia-runtime"
_MAIN = """\
import sys

from reconciler.main import main

sys.exit(main(sys.argv[1:]))
"""
# The modules of labcharm that the program imports.
_LABCHARM = (
    "__init__.py", "documents.py", "errors.py", "json_types.py", "machine.py", "no_proxy.py",
    "processes.py", "proxies.py", "urls.py",
)  # fmt: skip


class Program:
    """The program in its directory on the machine.

    Args:
        machine: The machine.
        source: The directory that holds the package `reconciler`: `src` of the charm, with the
            package `labcharm` in the directory `lib` beside it.
    """

    def __init__(self, machine: Machine, source: str) -> None:
        self._machine, self._source = machine, source

    def install(self) -> None:
        """Write the program's files, and remove the files of an older version of the charm."""
        files = self._files()
        for name, text in sorted(files.items()):
            self._machine.write(f"{PROGRAM_DIRECTORY}/{name}", text)
        for name in self._installed_files():
            if name not in files:
                self._machine.remove(f"{PROGRAM_DIRECTORY}/{name}")

    def remove(self) -> None:
        """Remove the program's files and directories."""
        for name in self._installed_files():
            self._machine.remove(f"{PROGRAM_DIRECTORY}/{name}")
        for package in ("/reconciler", "/labcharm", ""):
            self._machine.remove_empty_directory(PROGRAM_DIRECTORY + package)

    def _files(self) -> Dict[str, str]:
        """Return the text of each file by its path in the program's directory."""
        library = os.path.join(self._source, "..", "lib")
        modules = [
            name for name in os.listdir(f"{self._source}/reconciler") if name.endswith(".py")
        ]
        files = {"__main__.py": _MAIN}
        files.update(_read(self._source, "reconciler", modules))
        files.update(_read(library, "labcharm", _LABCHARM))
        return files

    def _installed_files(self) -> List[str]:
        root = self._machine.path(PROGRAM_DIRECTORY)
        paths = [
            os.path.join(directory, name)
            for directory, _, files in os.walk(root)
            for name in files
        ]
        return sorted(os.path.relpath(path, root) for path in paths)


def _read(directory: str, package: str, names: Iterable[str]) -> Dict[str, str]:
    files = {}
    for name in names:
        with open(os.path.join(directory, package, name), encoding="utf-8") as file:
            files[f"{package}/{name}"] = file.read()
    return files
