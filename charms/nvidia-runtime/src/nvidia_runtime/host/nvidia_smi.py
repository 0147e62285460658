"""What nvidia-smi, the program of the driver, says about the GPUs."""

import re
from typing import List, NamedTuple

from labcharm.machine import Machine

# The section of `nvidia-smi -q` (Fabric Manager User Guide, "Bare Metal Mode"):
#     Fabric
#         State                             : Completed
#         Status                            : Success
_FABRIC = re.compile(r"^\s*Fabric\n\s+State\s+: *(.*)\n(?:\s+Status\s+: *(.*))?", re.MULTILINE)
_ADDRESS = re.compile(r"^([0-9A-Fa-f]{4,8}):([0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7])$")
# The driver initializes each GPU before it answers, which takes seconds for each.
_TIMEOUT = 120


class FabricState(NamedTuple):
    """How a GPU is connected to the NVLink fabric.

    Attributes:
        state: N/A where the GPU has no such state, else Not Started, In Progress or Completed.
        status: Success, or why the GPU could not join; N/A until the state is Completed.
    """

    state: str
    status: str

    @property
    def is_ready(self) -> bool:
        """Whether CUDA can use the GPU."""
        return self.state in ("N/A", "Not Supported") or (
            self.state == "Completed" and self.status == "Success"
        )


def list_addresses(machine: Machine) -> List[str]:
    """Return the PCI addresses of the GPUs that answer, as sysfs writes them.

    Raises:
        CommandError: When nvidia-smi fails, also for one of the GPUs.
    """
    command = ["nvidia-smi", "--query-gpu=pci.bus_id", "--format=csv,noheader"]
    output = machine.check(command, timeout=_TIMEOUT)
    matches = (_ADDRESS.match(line.strip()) for line in output.splitlines())
    return [
        f"{int(match.group(1), 16):04x}:{match.group(2)}".lower() for match in matches if match
    ]


def fabric_states(machine: Machine) -> List[FabricState]:
    """Return the state of each GPU in the NVLink fabric.

    Raises:
        CommandError: When nvidia-smi fails.
    """
    output = machine.check(["nvidia-smi", "-q"], timeout=_TIMEOUT)
    return [
        FabricState(match.group(1).strip(), (match.group(2) or "").strip())
        for match in _FABRIC.finditer(output)
    ]
