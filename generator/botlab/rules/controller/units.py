"""Refusals of units: of subordinates, and of units whose machine has another series or base.

Source: state/application.go ``addUnitOps`` and state/unit.go ``validateUnitMachineAssignment``, up
to 3.6. Juju 4.0 accepts units of subordinates, and units on machines with another base.
"""

from __future__ import annotations

from ...bundle.go_text import quote
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment
from .unit_machines import PlacedUnit, placed_units


def check_units(deployment: Deployment) -> None:
    """Check the units of all applications."""
    refused: set[str] = set()
    for name, application, charm in deployment.known_applications():
        if charm.subordinate and application.num_units > 0:
            refused.add(name)
            _refuse_subordinate(deployment, name)
    if deployment.juju < Juju.V4_0 and not deployment.is_kubernetes:
        for unit in placed_units(deployment):
            if unit.application not in refused and _check_platform(deployment, unit):
                refused.add(unit.application)


def _refuse_subordinate(deployment: Deployment, name: str) -> None:
    path = ("applications", name, "num_units")
    if deployment.is_kubernetes:
        # Only here do the units come with the application.
        reason = "subordinate application must be deployed without units"
        deployment.refuse_application("J071", path, reason)
    elif deployment.juju < Juju.V4_0:
        application = quote(name)
        deployment.refuse(
            "J071",
            path,
            f"cannot add unit for application {application}: cannot add unit 1/1 to application"
            f" {application}: cannot add unit to application {application}: application is a"
            " subordinate",
        )


def _check_platform(deployment: Deployment, unit: PlacedUnit) -> bool:
    """Refuse a unit whose machine has another platform, and return whether it was refused."""
    machine, name = unit.machine, unit.application
    platform = deployment.application_platform(name)
    if machine.in_container or not platform or not machine.platform:
        return False
    if platform == machine.platform:
        return False
    unit_name = quote(f"{name}/{unit.number}")
    reason = "series does not match"
    if deployment.juju >= Juju.V3_6:
        bases = [quote(base.partition("/")[0]) for base in (platform, machine.platform)]
        reason = f"base does not match: unit has {bases[0]}, machine has {bases[1]}"
    path: KeyPath = ("applications", name, "num_units")
    if unit.directive is not None:
        path = ("applications", name, "to", unit.directive)
    deployment.refuse(
        "J108",
        path,
        f"cannot add unit for application {quote(name)}: acquiring machine to host unit"
        f" {unit_name}: cannot assign unit {unit_name} to machine {machine.number}: {reason}",
    )
    return True
