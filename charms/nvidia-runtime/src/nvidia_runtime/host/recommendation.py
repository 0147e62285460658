"""Which driver of those that Ubuntu offers for servers fits the machine's GPUs."""

import re
from typing import FrozenSet, List, NamedTuple, Tuple

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nvidia_runtime.host.kernel_modules import OPEN, PROPRIETARY
from nvidia_runtime.host.packages import Apt

# The lines of `ubuntu-drivers list --gpgpu` (canonical/ubuntu-drivers-common, commit d3d78560):
#   nvidia-driver-580-server-open, (kernel modules provided by
#   linux-modules-nvidia-580-server-open-generic-hwe-24.04)
_LINE = re.compile(
    r"^nvidia-driver-(\d{3})(-server)?(-open)?(?:, \(kernel modules provided by (\S+)\))?$"
)
# From this branch on, the open modules are NVIDIA's default ("Kernel Modules" in the NVIDIA Driver
# Installation Guide).
_FIRST_OPEN_BY_DEFAULT = 560


class Candidate(NamedTuple):
    """A driver that Ubuntu offers.

    Attributes:
        number: The number of its branch.
        is_server: Whether it is of the branch for servers.
        flavour: The flavour of its kernel modules.
        modules: The package that brings them, as ubuntu-drivers names it; empty if it names none.
    """

    number: int
    is_server: bool
    flavour: str
    modules: str

    @property
    def branch(self) -> str:
        """The branch, such as 580-server."""
        return f"{self.number}-server" if self.is_server else str(self.number)

    @property
    def suffix(self) -> str:
        """The end of the names of its packages, such as 580-server-open."""
        return f"{self.branch}-open" if self.flavour == OPEN else self.branch

    @property
    def rank(self) -> Tuple[bool, int, bool]:
        """What the best candidate has most of: for servers, new, NVIDIA's default flavour."""
        is_default = (self.flavour == OPEN) == (self.number >= _FIRST_OPEN_BY_DEFAULT)
        return self.is_server, self.number, is_default


def recommend(machine: Machine, apt: Apt, flavours: FrozenSet[str]) -> Candidate:
    """Return the newest driver for servers with modules of one of these flavours.

    Raises:
        BlockedError: When Ubuntu offers no such driver.
        CommandError: When a command fails.
    """
    tool = [("ubuntu-drivers-common", "")]
    if apt.missing(tool):
        apt.update()
        apt.install(tool)
    candidates = _list(machine)
    fitting = [candidate for candidate in candidates if candidate.flavour in flavours]
    if fitting:
        return max(fitting, key=lambda candidate: candidate.rank)
    reason = "for this machine"
    if candidates:
        reason = f"with {' or '.join(sorted(flavours))} kernel modules"
    fix = "run apt-get update, or set driver to a package"
    raise BlockedError(f"Ubuntu offers no driver {reason}: {fix}")


def _list(machine: Machine) -> List[Candidate]:
    """List Ubuntu's drivers for the machine.

    Newer releases of ubuntu-drivers list drivers with modules of dkms, which a kernel without
    signed modules needs, only with --include-dkms. Older ones do not have that argument.
    """
    command = ["ubuntu-drivers", "list", "--gpgpu"]
    candidates = _parse(machine.check(command, timeout=120))
    return candidates or _parse(machine.run([*command, "--include-dkms"], timeout=120).out)


def _parse(output: str) -> List[Candidate]:
    matches = (_LINE.match(line.strip()) for line in output.splitlines())
    return [
        Candidate(
            int(match.group(1)),
            bool(match.group(2)),
            OPEN if match.group(3) else PROPRIETARY,
            match.group(4) or "",
        )
        for match in matches
        if match
    ]
