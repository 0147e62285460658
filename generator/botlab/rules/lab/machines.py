"""Rules about machines and placements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ...bundle.constraints import split_constraints
from ...bundle.placement import parse_placement
from ...findings import Severity
from .facts import CONTROL_PLANES, Facts
from .rule import PLACES, Hit, rule

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\.[A-Za-z0-9.-]+|.*\.maas")


@rule(
    "BL020",
    "An even number of etcd units",
    Severity.WARNING,
    """etcd needs a majority; an even member count tolerates no more failures than the odd one
    below it (etcd's FAQ, "Why an odd number of cluster members?").""",
    misses=PLACES,
)
def even_etcd(facts: Facts) -> Iterator[Hit]:
    """Find etcd applications of two, four, ... units."""
    for name, application in facts.named("etcd"):
        if application.num_units > 0 and application.num_units % 2 == 0:
            units = application.num_units
            yield Hit(
                ("applications", name, "num_units"),
                f"{name} has {units} units; that survives no more failures than {units - 1}",
                f"use {units - 1} or {units + 1} units",
            )


@rule(
    "BL021",
    "One control plane",
    Severity.WARNING,
    """With one control-plane unit the API is gone while that machine is down; workloads go on,
    but nothing is scheduled.""",
    misses=PLACES,
)
def one_control_plane(facts: Facts) -> Iterator[Hit]:
    """Find a control plane of one unit."""
    for name, application in facts.named(*CONTROL_PLANES):
        if application.num_units == 1:
            yield Hit(
                ("applications", name, "num_units"),
                f"{name} has one unit; the API stops with its machine",
                "give a second machine the role control-plane",
            )


@rule(
    "BL022",
    "Control plane and worker on one machine",
    Severity.WARNING,
    """The charms of both write /root/.kube/config, /root/cdk/{ca,server,client}.* and
    /root/cdk/kubeproxyconfig and run the snap kube-proxy; the last writer wins. The guide's
    lab lives with it.""",
)
def control_plane_with_worker(facts: Facts) -> Iterator[Hit]:
    """Find machines that carry both."""
    for control in CONTROL_PLANES:
        for machine, units in facts.machines_with(control, "kubernetes-worker"):
            names = " and ".join(unit.application for unit in units)
            yield Hit(
                ("machines", machine),
                f"machine {machine} carries {names}; both write the same files",
                "keep workers off the control-plane machines, or place the control plane in lxd",
            )


@rule(
    "BL023",
    "Load balancer beside a worker's ingress",
    Severity.WARNING,
    """kubeapi-load-balancer listens on 443, and so does the worker's nginx ingress
    (hostNetwork, ports 80 and 443); the one that comes second does not start.""",
)
def load_balancer_with_ingress(facts: Facts) -> Iterator[Hit]:
    """Find machines that carry both, where the ingress is on."""
    for machine, units in facts.machines_with("kubeapi-load-balancer", "kubernetes-worker"):
        worker = facts.applications[units[1].application]
        if worker.options.get("ingress", True) not in (False, "false"):
            yield Hit(
                ("machines", machine),
                f"machine {machine} carries the load balancer and a worker's ingress; both want"
                " port 443",
                "move one of the two, or set kubernetes.ingress: false",
            )


@rule(
    "BL024",
    "Host name in a placement",
    Severity.ERROR,
    """A bundle's `to:` takes machine ids of the bundle, containers and units; MAAS host names
    work only in `juju deploy --to`.""",
)
def host_name_placement(facts: Facts) -> Iterator[Hit]:
    """Find placements that look like host names."""
    for name, application in facts.applications.items():
        for index, text in enumerate(application.to):
            if parse_placement(text) is None and _HOST.fullmatch(text):
                yield Hit(
                    ("applications", name, "to", index),
                    f"{text!r} is a host name; a bundle places on its own machines",
                    "declare the machine under `machines:` with constraints tags=..., and place"
                    " on its number",
                )


@rule(
    "BL025",
    "Application constraints that machines override",
    Severity.WARNING,
    """Juju uses an application's constraints only for machines that it adds for its units;
    units on declared machines take the machines' constraints.""",
)
def overridden_constraints(facts: Facts) -> Iterator[Hit]:
    """Find constraints of applications whose units all stand on declared machines."""
    for name, application in facts.applications.items():
        placed = [parse_placement(text) for text in application.to]
        declared = all(p and p.machine not in ("", "new") and not p.container for p in placed)
        if application.constraints and placed and declared:
            yield Hit(
                ("applications", name, "constraints"),
                f"the constraints {application.constraints!r} of {name} have no effect; all its"
                " units stand on declared machines",
                "write them at the machines",
            )


@rule(
    "BL026",
    "Two units of one application on one machine",
    Severity.WARNING,
    """Units of one charm share ports and files on a machine; only one of the two works.""",
)
def doubled_units(facts: Facts) -> Iterator[Hit]:
    """Find machines that carry two units of an application."""
    for machine, applications in facts.on_machine.items():
        for name, units in applications.items():
            if len(units) > 1:
                yield Hit(
                    ("applications", name, "to", units[1].number),
                    f"{name} has {len(units)} units on machine {machine}",
                    "place each unit on a machine of its own",
                )


@rule(
    "BL027",
    "No tag of its own",
    Severity.WARNING,
    """MAAS hands out any machine that fits; only a tag that no other machine has pins this
    one.""",
)
def missing_own_tag(facts: Facts) -> Iterator[Hit]:
    """Find machines of the site without a tag of their own."""
    machines = facts.site.machines if facts.site else {}
    uses = Counter(tag for machine in machines.values() for tag in machine.tags)
    for name, machine in machines.items():
        if not any(uses[tag] == 1 for tag in machine.tags if not tag.startswith("^")):
            yield Hit(
                ("machines", name, "tags"),
                f"{name} has no tag that only it has, so MAAS may give another machine for it",
                f"tag it in MAAS (maas PROFILE tag update-nodes {name} add=SYSTEM_ID) and write"
                f" tags: [{name}]",
                site=True,
            )


@rule(
    "BL028",
    "Unused machine",
    Severity.WARNING,
    """A machine that no unit is placed on would stay in MAAS; Juju refuses a bundle that
    declares one.""",
)
def unused_machine(facts: Facts) -> Iterator[Hit]:
    """Find machines of the site that carry nothing."""
    used = {unit.placement.machine for unit in facts.units}
    for number, name in enumerate(facts.site.machines if facts.site else ()):
        if str(number) not in used:
            yield Hit(
                ("machines", name, "roles"),
                f"no unit is placed on {name}",
                "give it a role (worker, etcd, ...), or take it out",
                site=True,
            )


@rule(
    "BL029",
    "Contradicting tags",
    Severity.ERROR,
    """A machine cannot have a tag and not have it; MAAS finds none.""",
)
def contradicting_tags(facts: Facts) -> Iterator[Hit]:
    """Find constraints that want and refuse one tag."""
    for name, machine in facts.bundle.machines.items():
        pairs = dict(split_constraints(machine.constraints)) if machine else {}
        tags = set(pairs.get("tags", "").split(","))
        for tag in sorted(tag for tag in tags if f"^{tag}" in tags):
            yield Hit(
                ("machines", name, "constraints"),
                f"machine {name} must have the tag {tag} and must not",
                f"keep {tag} or ^{tag}",
            )


@rule(
    "BL030",
    "All of them in one zone",
    Severity.WARNING,
    """Where a site has several zones, etcd and the control plane should outlive the loss of
    one.""",
)
def one_zone(facts: Facts) -> Iterator[Hit]:
    """Find etcd or control planes whose machines share a zone although there are more."""
    machines = list(facts.site.machines.values()) if facts.site else []
    if len({machine.zone for machine in machines}) < 2:
        return
    for name, application in facts.named("etcd", *CONTROL_PLANES):
        numbers = [unit.placement.machine for unit in facts.units if unit.application == name]
        zones = {machines[int(n)].zone for n in numbers if n.isdigit() and int(n) < len(machines)}
        if application.num_units > 1 and len(zones) == 1:
            yield Hit(
                ("applications", name, "to"),
                f"all units of {name} stand in zone {zones.pop() or 'default'}",
                "spread them over the zones",
            )


@rule(
    "BL060",
    "Storage server in a container",
    Severity.ERROR,
    """The NFS server is the kernel's; an unprivileged container cannot run it.""",
)
def contained_storage(facts: Facts) -> Iterator[Hit]:
    """Find nfs-server units in containers."""
    names = {name for name, _ in facts.named("nfs-server")}
    for unit in facts.units:
        if unit.application in names and unit.placement.container:
            yield Hit(
                ("applications", unit.application, "to", unit.number),
                f"{unit.application} is placed in a container ({unit.placement.container})",
                "place it on the machine itself",
            )


@rule(
    "BL061",
    "Several units of an application that wants one",
    Severity.WARNING,
    """easyrsa signs by its leader alone, and nfs-server, metallb and kubeflow-installer act
    once per cluster; further units do nothing.""",
)
def several_of_one(facts: Facts) -> Iterator[Hit]:
    """Find single-unit charms with several units."""
    for name, application in facts.named("easyrsa", "nfs-server", "metallb", "kubeflow-installer"):
        if application.num_units > 1:
            yield Hit(
                ("applications", name, "num_units"),
                f"{name} has {application.num_units} units; one does the work",
                "keep one unit",
            )


@rule(
    "BL062",
    "Application without any relation",
    Severity.WARNING,
    """Every application of a cluster works with another; one without relations waits for ever.""",
    misses=PLACES,
)
def unrelated(facts: Facts) -> Iterator[Hit]:
    """Find applications that nothing is related to, in a bundle that has relations."""
    for name in facts.applications:
        if facts.bundle.relations and name not in facts.neighbours:
            yield Hit(
                ("applications", name),
                f"{name} is related to nothing",
                "relate it, or take it out",
            )
