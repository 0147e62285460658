"""The versions of the driver's kernel module and library."""

import glob
import re
from typing import List, NamedTuple

from labcharm.machine import Machine

_VERSION_FILE = "/proc/driver/nvidia/version"
_LIBRARIES = ("/usr/lib/*/libnvidia-ml.so.[0-9]*.[0-9]*", "/usr/lib/libnvidia-ml.so.*.*")


class Versions(NamedTuple):
    """The driver's versions; empty where the part is missing.

    Attributes:
        module: The version of the loaded kernel module.
        library: The version of the installed library.
        is_open: Whether the loaded module is of the open flavour.
    """

    module: str
    library: str
    is_open: bool = False

    @property
    def is_present(self) -> bool:
        """Whether there is a module or a library."""
        return bool(self.module or self.library)

    @property
    def difference(self) -> str:
        """How the versions differ, so that no program can use the driver; empty if they do not."""
        if self.module and self.library and self.module != self.library:
            return f"driver {self.module} is loaded, library {self.library} installed"
        return ""


def read_versions(machine: Machine) -> Versions:
    """Return the versions of the loaded module and of the installed library."""
    text = machine.read(_VERSION_FILE) or ""
    module = re.search(r"Kernel Module(?: for \S+)?\s+(\d+\.\d+[.\d]*)", text)
    paths = [path for pattern in _LIBRARIES for path in glob.glob(machine.path(pattern))]
    libraries = sorted((path.rpartition(".so.")[2] for path in paths), key=_numbers)
    return Versions(
        module.group(1) if module else "",
        libraries[-1] if libraries else "",
        "Open Kernel Module" in text,
    )


def _numbers(version: str) -> List[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
