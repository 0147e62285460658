"""Rules about the machines that units are placed on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....bundle.constraints import split_constraints
from ....bundle.model import Application
from ....bundle.placement import parse_placement
from ....findings import Severity
from ..facts import CONTROL_PLANES, WORKER, Facts
from ..rule import Violation, rule

_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\.[A-Za-z0-9.-]+|.*\.maas")


@rule("BL022", Severity.WARNING)
def control_plane_with_worker(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that have both a control-plane unit and a worker unit."""
    for control in CONTROL_PLANES:
        for machine, units in facts.machines_with(control, WORKER):
            names = " and ".join(unit.application for unit in units)
            yield Violation(
                ("machines", machine),
                f"machine {machine} has units of {names}, whose charms write the same files",
                "place the workers on other machines, or the control plane in a container"
                " (lxd:MACHINE)",
            )


@rule("BL023", Severity.WARNING)
def load_balancer_with_ingress(facts: Facts) -> Iterator[Violation]:
    """Yield the machines on which the API load balancer and a worker's ingress share a port."""
    for machine, units in facts.machines_with("kubeapi-load-balancer", WORKER):
        worker = facts.applications[units[1].application]
        if worker.options.get("ingress", True) not in (False, "false"):
            yield Violation(
                ("machines", machine),
                f"machine {machine} has the API load balancer and a worker with an ingress, which"
                " both listen on port 443",
                "place one of them on another machine, or set kubernetes.ingress: false",
            )


@rule("BL024", Severity.ERROR)
def host_name_in_placement(facts: Facts) -> Iterator[Violation]:
    """Yield the placements that are host names."""
    for name, application in facts.applications.items():
        for index, text in enumerate(application.to):
            if parse_placement(text) is None and _HOST_NAME.fullmatch(text):
                yield Violation(
                    ("applications", name, "to", index),
                    f"{text!r} is a host name, but a bundle can only place units on its own"
                    " machines",
                    "declare the machine under `machines:` with constraints such as tags=NAME,"
                    " and place the unit on its number",
                )


@rule("BL025", Severity.WARNING)
def ignored_constraints(facts: Facts) -> Iterator[Violation]:
    """Yield the application constraints that no unit's machine takes."""
    for name, application in facts.applications.items():
        # Juju chooses the charm by its architecture, wherever the units are placed.
        constraints = " ".join(
            f"{key}={value}"
            for key, value in split_constraints(application.constraints)
            if key != "arch"
        )
        if constraints and _uses_declared_machines_only(application):
            yield Violation(
                ("applications", name, "constraints"),
                f"the constraints {constraints!r} of {name} have no effect, because"
                " all its units are placed on declared machines",
                "move the constraints to those machines",
            )


def _uses_declared_machines_only(application: Application) -> bool:
    placements = [parse_placement(text) for text in application.to]
    return bool(placements) and all(
        placement and placement.machine not in ("", "new") and not placement.container
        for placement in placements
    )


@rule("BL026", Severity.WARNING)
def units_sharing_a_machine(facts: Facts) -> Iterator[Violation]:
    """Yield the applications that have two units on one machine."""
    for machine, applications in facts.units_by_machine.items():
        for name, units in applications.items():
            if len(units) > 1:
                yield Violation(
                    ("applications", name, "to", units[1].number),
                    f"{name} has {len(units)} units on machine {machine}",
                    "place each unit on a machine of its own",
                )


@rule("BL060", Severity.ERROR)
def storage_server_in_container(facts: Facts) -> Iterator[Violation]:
    """Yield the units of nfs-server that are placed in containers."""
    names = {name for name, _ in facts.applications_of("nfs-server")}
    for unit in facts.units:
        if unit.application in names and unit.placement.container:
            yield Violation(
                ("applications", unit.application, "to", unit.number),
                f"{unit.application} is placed in a container ({unit.placement.container}), where"
                " the kernel's NFS server cannot run",
                "place the unit on the machine itself",
            )
