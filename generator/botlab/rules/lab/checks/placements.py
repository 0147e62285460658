"""Rules about the machines that units are placed on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....bundle.charm_url import charm_name
from ....bundle.constraints import split_constraints
from ....bundle.model import KUBERNETES, Application
from ....bundle.placement import parse_placement
from ....catalogue.charm_history import charm_has
from ....findings import Severity
from ..facts import CONTROL_PLANES, POD_HOSTS, WORKER, Facts
from ..options.exports import NFS_SERVER, external_export
from ..rule import Violation, rule

_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\.[A-Za-z0-9.-]+|.*\.maas")
_BALANCER = "kubeapi-load-balancer"
_HTTPS = 443
# The ports of the machine that the worker's nginx ingress listens on.
_INGRESS_PORTS = ("80", "443")


@rule("BL022", Severity.WARNING)
def control_plane_with_worker(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that have both a control-plane unit and a worker unit."""
    for control in CONTROL_PLANES:
        for machine, units in facts.machines_with(control, WORKER):
            names = " and ".join(unit.application for unit in units)
            fix = "place the workers on other machines"
            if _has_profile(facts, units[0].application):
                fix += ", or the control plane in a container (lxd:MACHINE)"
            yield Violation(
                ("machines", machine),
                f"machine {machine} has units of {names}, whose charms write the same files",
                fix,
            )


@rule("BL114", Severity.WARNING)
def container_without_profile(facts: Facts) -> Iterator[Violation]:
    """Yield the applications in containers whose charms have no profile for LXD."""
    for name, application in facts.applications_of(*CONTROL_PLANES, *POD_HOSTS):
        units = facts.units_of(name)
        unit = next((unit for unit in units if unit.placement.container == "lxd"), None)
        if unit and _has_profile(facts, name) is False:
            yield Violation(
                ("applications", name, "to", unit.number),
                f"the charm {charm_name(application.charm)} of {name} has no LXD profile, so"
                " kube-proxy and the container network do not start in a container",
                "place the units on machines, or use a later revision of the charm",
            )


def _has_profile(facts: Facts, name: str) -> bool | None:
    """Return whether an application's charm has a file lxd-profile.yaml; None if not known."""
    by_age = charm_has("lxd-profile", facts.applications[name], facts.juju)
    charm = facts.exact_charm(name)
    return charm.has_lxd_profile if by_age is None and charm else by_age


@rule("BL023", Severity.WARNING)
def load_balancer_with_ingress(facts: Facts) -> Iterator[Violation]:
    """Yield the machines on which the API load balancer and a worker's ingress share a port."""
    for machine, (balancer, worker) in facts.machines_with(_BALANCER, WORKER):
        port = facts.applications[balancer.application].options.get("port", _HTTPS)
        ingress = facts.applications[worker.application].options.get("ingress", True)
        if str(port) in _INGRESS_PORTS and ingress not in (False, "false"):
            yield Violation(
                ("machines", machine),
                f"machine {machine} has the API load balancer and a worker with an ingress, which"
                f" both listen on port {port}",
                _ingress_fix(facts, balancer.application, worker.application),
            )


def _ingress_fix(facts: Facts, balancer: str, worker: str) -> str:
    charm = facts.charms.get(balancer)
    has_option = charm is None or "port" in charm.options
    choices = [
        "place one of them on another machine",
        f"set the option port of {balancer} to another port" if has_option else "",
        "set kubernetes.ingress: false" if facts.site else f"set ingress of {worker} to false",
    ]
    *first, last = filter(None, choices)
    return f"{', '.join(first)}, or {last}"


@rule("BL024", Severity.ERROR)
def host_name_in_placement(facts: Facts) -> Iterator[Violation]:
    """Yield the placements that are host names."""
    if facts.bundle.type == KUBERNETES:  # There, a placement selects nodes by their labels.
        return
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
        ignored = _machine_constraints(application.constraints)
        if ignored and _uses_declared_machines_only(application):
            yield Violation(
                ("applications", name, "constraints"),
                f"the constraints {ignored!r} of {name} have no effect in this deployment, because"
                " all its units are placed on declared machines",
                "move the constraints to those machines",
            )


def _machine_constraints(constraints: str) -> str:
    """Return the constraints that only select machines.

    The constraint ``arch`` also decides for which architecture Juju takes the charm.
    """
    pairs = split_constraints(constraints)
    return " ".join(f"{name}={value}" for name, value in pairs if name != "arch")


def _uses_declared_machines_only(application: Application) -> bool:
    """Return whether every unit is on a declared machine.

    Juju adds a machine for each unit beyond the placements.
    """
    placements = [parse_placement(text) for text in application.to]
    return 0 < application.num_units <= len(placements) and all(
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
    """Yield the units of nfs-server that are placed in containers.

    With the export of another server, the charm needs no NFS server in its kernel.
    """
    names = {
        name for name, _ in facts.applications_of(NFS_SERVER) if not external_export(facts, name)
    }
    for unit in facts.units:
        # A virtual machine (kvm) has a kernel of its own.
        if unit.application in names and unit.placement.container in ("lxd", "lxc"):
            yield Violation(
                ("applications", unit.application, "to", unit.number),
                f"{unit.application} is placed in a container ({unit.placement.container}), where"
                " the kernel's NFS server cannot run",
                "place the unit on the machine itself",
            )
