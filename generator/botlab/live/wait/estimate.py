"""How long the phases that remain may take.

The ranges are assumptions for bare-metal machines with a network of 1 Gbit/s and a near archive.
No measurement of a whole lab stands behind them, so a range is printed, and never a moment. Their
sources:

- Machines: MAAS installs all machines at the same time. Installing an image and two starts of a
  server take some minutes; MAAS gives up after 30 minutes by default (its setting node_timeout).
- Containers: the first container of a machine downloads its image.
- Cluster: the charms download their snaps or packages and configure each other. The botlab guide
  of 2019 gives half an hour for the whole lab.
- This project's charms: packages of the GPU driver, and images of MetalLB and the NFS
  provisioner.
- Kubeflow: several dozen images, some of them larger than 1 GB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .phases import Phase

# The fewest and the most minutes of each phase.
MINUTES = {
    Phase.MACHINES: (5, 30),
    Phase.CONTAINERS: (1, 10),
    Phase.CLUSTER: (10, 30),
    Phase.LAB_CHARMS: (2, 15),
    Phase.KUBEFLOW: (10, 45),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of the time until the lab is ready.

    Attributes:
        fewest: The fewest minutes.
        most: The most minutes.
        is_overdue: Whether the current phase already takes longer than its range.
    """

    fewest: int
    most: int
    is_overdue: bool = False

    def __str__(self) -> str:
        text = (
            f"about {self.fewest} to {self.most} more minutes (an assumption, not measured here)"
        )
        if not self.is_overdue:
            return text
        return f"this phase takes longer than usual; {text}"


def estimate(current: Phase, phases: Iterable[Phase], seconds: float) -> Estimate | None:
    """Return an estimate; None when nothing remains.

    Args:
        current: The current phase.
        phases: All phases of the lab, in order.
        seconds: How long the current phase has been observed.
    """
    if current is Phase.READY:
        return None
    later = [phase for phase in phases if phase.follows(current)]
    spent = int(seconds // 60)
    fewest, most = MINUTES[current]
    return Estimate(
        max(0, fewest - spent) + sum(MINUTES[phase][0] for phase in later),
        max(1, most - spent) + sum(MINUTES[phase][1] for phase in later),
        is_overdue=spent >= most,
    )
