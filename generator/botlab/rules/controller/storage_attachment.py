"""Refusals of storage for units on machines that exist before the units.

Source: state/unit.go ``validateDynamicMachineStoragePools`` at 2.6, 2.9 and 3.6, and
storage/provider ``AllowedContainerProvider`` at 3.6. Juju 4.0 has no such check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...bundle.directives import storage_pool
from ...bundle.go_text import quote
from ...bundle.placement import parse_placement
from ...juju import Juju
from .deployment import Deployment
from .unit_machines import PlacedUnit, placed_units

# Pools that have the name of their provider. A provider that is not dynamic only creates storage
# together with the machine (Dynamic in provider/maas/volumes.go).
_STATIC_POOLS = ("maas",)
# Pools of clouds, whose storage Juju 3.6 does not add to containers.
_CLOUD_POOLS = ("maas", "lxd", "ebs", "cinder", "gce", "azure", "oci")


def check_storage_attachment(deployment: Deployment) -> None:
    """Check the storage of placed units, each once for the first unit that Juju refuses."""
    if deployment.is_kubernetes or deployment.juju >= Juju.V4_0:
        return
    refused: set[tuple[str, str]] = set()
    for unit, machine, container in _units_on_machines(deployment):
        for storage, directive in deployment.applications[unit.application].storage.items():
            problem = _problem(storage_pool(directive), container, deployment.juju)
            if problem and (unit.application, storage) not in refused:
                refused.add((unit.application, storage))
                _refuse(deployment, unit, storage, f"machine {machine}: {problem}")


def _problem(pool: str, container: str, juju: Juju) -> str:
    """Return Juju's reason for not adding storage of a pool; empty when it adds the storage."""
    if not container:
        is_static = pool in _STATIC_POOLS
        return f"{quote(pool)} storage provider does not support dynamic storage" * is_static
    if juju < Juju.V3_6:
        return f"adding storage to {container} container not supported"
    if pool in _CLOUD_POOLS:
        return f"adding storage of type {quote(pool)} to {container} container not supported"
    return ""


def _units_on_machines(deployment: Deployment) -> Iterator[tuple[PlacedUnit, str, str]]:
    """Yield the units that have a placement, with their machine and the type of its container.

    Units in the container of another unit are left out. So are units whose placement names an
    application that has no machine left for them: Juju adds a machine with their storage.
    """
    containers: Counter[str] = Counter()
    hosts: set[str] = set()
    for unit in placed_units(deployment):
        placements = deployment.applications[unit.application].to
        index, number = unit.directive, unit.machine.number
        placement = None if index is None else parse_placement(placements[index])
        if placement and (placement.machine or number in hosts):
            if placement.container:
                host = f"{number}/{placement.container}"
                yield unit, f"{host}/{containers[host]}", placement.container
                containers[host] += 1
            elif not unit.machine.in_container:
                yield unit, number, ""
        hosts.add(number)


def _refuse(deployment: Deployment, unit: PlacedUnit, storage: str, problem: str) -> None:
    name, unit_name = quote(unit.application), quote(f"{unit.application}/{unit.number}")
    deployment.refuse(
        "J130",
        ("applications", unit.application, "storage", storage),
        f"cannot add unit for application {name}: acquiring machine to host unit {unit_name}:"
        f" cannot assign unit {unit_name} to {problem}",
    )
