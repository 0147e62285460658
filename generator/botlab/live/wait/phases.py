"""The phases of a deployment."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from ...rules.lab.facts import INSTALLER
from ..lab import Lab
from .readiness import Count, Readiness


class Phase(enum.Enum):
    """A phase, by its name in JSON. The order is the order of the phases."""

    MACHINES = "machines"
    CONTAINERS = "containers"
    CLUSTER = "cluster"
    LAB_CHARMS = "lab-charms"
    KUBEFLOW = "kubeflow"
    READY = "ready"

    @property
    def title(self) -> str:
        """What happens in the phase, in words."""
        return _TITLES[self]

    def follows(self, phase: Phase) -> bool:
        """Return whether it comes after another phase."""
        order = list(Phase)
        return order.index(self) > order.index(phase)


_TITLES = {
    Phase.MACHINES: "the machines are installed",
    Phase.CONTAINERS: "Juju starts the containers",
    Phase.CLUSTER: "the charms of the cluster install Kubernetes",
    Phase.LAB_CHARMS: "this project's charms set up GPUs, storage and addresses",
    Phase.KUBEFLOW: "Kubeflow is installed",
    Phase.READY: "everything is ready",
}


def phase_counts(lab: Lab, readiness: Readiness) -> dict[Phase, Count]:
    """Return the parts of each phase that the lab has, in the order of the phases."""
    installers = {name for name, _ in lab.facts.applications_of(INSTALLER)}
    lab_charms = [name for name in lab.own_applications if name not in installers]
    cluster = [name for name in readiness.applications if name not in lab.own_applications]
    counts = {
        Phase.MACHINES: readiness.machines,
        Phase.CONTAINERS: readiness.containers,
        Phase.CLUSTER: _sum(readiness, cluster),
        Phase.LAB_CHARMS: _sum(readiness, lab_charms),
        Phase.KUBEFLOW: _sum(readiness, installers),
    }
    return {phase: count for phase, count in counts.items() if count.expected}


def current_phase(lab: Lab, readiness: Readiness) -> Phase:
    """Return the first phase that is not complete."""
    if readiness.is_ready:
        return Phase.READY
    counts = phase_counts(lab, readiness)
    unfinished = [phase for phase, count in counts.items() if not count.is_complete]
    # Something can be missing although all counted parts are ready: an absent subordinate.
    return unfinished[0] if unfinished else Phase.CLUSTER


def _sum(readiness: Readiness, names: Iterable[str]) -> Count:
    counts = [readiness.applications[name] for name in names]
    return Count(sum(count.ready for count in counts), sum(count.expected for count in counts))
