"""Juju's rules about storage of units that are placed on machines.

Source: juju/juju state/unit.go ``validateDynamicMachineStoragePools`` at 2.6, 2.9 and 3.6, and
storage/provider ``AllowedContainerProvider`` at 3.6; the start of the message is that of the
client (bundle handler ``addUnit``) and of apiserver/facades/client/application ``addUnits``. Juju
4.0 has no such check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ...bundle.directives import storage_pool
from ...bundle.go_text import quote
from ...bundle.model import KUBERNETES, Application
from ...bundle.placement import Placement, parse_placement
from ...juju import Juju
from .report import Report

# Pools that have the name of their provider. A provider that is not dynamic only creates storage
# together with the machine (Dynamic in provider/maas/volumes.go).
STATIC_POOLS = ("maas",)
# The providers whose storage Juju 3.6 adds to containers.
_CONTAINER_POOLS = ("loop", "rootfs", "tmpfs")
_CLOUD_POOLS = ("maas", "lxd", "ebs", "cinder", "gce", "azure", "oci")


class _PlacedUnit(NamedTuple):
    """A unit with its number, its placement, and the number of its machine in the model."""

    number: int
    placement: Placement
    machine: str


def check_storage_attachment(report: Report) -> None:
    """Report the storage that cannot be added to the machines that units are placed on."""
    if report.bundle.type == KUBERNETES or report.juju >= Juju.V4_0:
        return
    machines = _MachineNumbers(report)
    for name, application in sorted(report.bundle.applications.items()):
        if application:
            _check_application(report, name, application, list(machines.of_units(application)))


def _check_application(
    report: Report, name: str, application: Application, units: list[_PlacedUnit]
) -> None:
    """Report each storage once, for the first unit that Juju cannot assign."""
    for storage, directive in application.storage.items():
        for unit in units:
            problem = _problem(storage_pool(directive), unit.placement, report.juju)
            if problem:
                unit_name = quote(f"{name}/{unit.number}")
                report.add(
                    "J130",
                    ("applications", name, "storage", storage),
                    f"cannot add unit for application {quote(name)}: acquiring machine to host"
                    f" unit {unit_name}: cannot assign unit {unit_name} to machine {unit.machine}:"
                    f" {problem}",
                    when="deploy",
                )
                break


def _problem(pool: str, placement: Placement, juju: Juju) -> str:
    """Return Juju's reason for not adding storage of a pool; empty when it adds the storage."""
    if placement.container:
        if juju < Juju.V3_6:
            return f"adding storage to {placement.container} container not supported"
        if pool in _CLOUD_POOLS:
            kind = f"storage of type {quote(pool)}"
            return f"adding {kind} to {placement.container} container not supported"
    elif pool in STATIC_POOLS:
        return f"{quote(pool)} storage provider does not support dynamic storage"
    return ""


class _MachineNumbers:
    """The numbers that the machines of a bundle get in an empty model.

    Juju adds the declared machines first, in the order of their numbers, and each container and
    each further machine when it places the unit.
    """

    def __init__(self, report: Report) -> None:
        declared = sorted(report.bundle.machines, key=lambda text: (len(text), text))
        self._numbers = {machine: str(number) for number, machine in enumerate(declared)}
        self._containers: Counter[str] = Counter()
        self._next = len(declared)

    def of_units(self, application: Application) -> Iterator[_PlacedUnit]:
        """Yield the placed units of an application.

        Units on the machine of another unit are left out.
        """
        for number, text in enumerate(application.to[: application.num_units]):
            placement = parse_placement(text)
            machine = self._machine(placement) if placement else ""
            if placement and machine:
                yield _PlacedUnit(number, placement, machine)

    def _machine(self, placement: Placement) -> str:
        machine = self._numbers.get(placement.machine, "")
        if placement.machine == "new":
            machine = str(self._next)
            self._next += 1
        if not machine or not placement.container:
            return machine
        host = f"{machine}/{placement.container}"
        self._containers[host] += 1
        return f"{host}/{self._containers[host] - 1}"
