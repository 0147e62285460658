"""The picture of a site or a bundle."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..bundle.charm_url import charm_name, is_local_charm
from ..bundle.constraints import split_constraints
from ..bundle.model import Application, Bundle
from ..bundle.relation import RelationEnd
from ..plan import changes
from ..rules.lab.facts import Facts
from . import model
from .hardware import hardware_texts, zone_of
from .model import LabPicture, counted
from .placements import Place, places
from .resources import resources_of

if TYPE_CHECKING:
    from ..inventory.machines import MaasMachine
    from ..site.model import Site


def picture_of(facts: Facts, title: str) -> LabPicture:
    """Return the picture of a site or a bundle.

    Args:
        facts: The index over the bundle.
        title: The name of the lab.

    Raises:
        PlanError: When Juju could not plan the bundle either.
    """
    machines = tuple(bundle_machines(facts))
    return LabPicture(
        title,
        tuple(_facts(facts, len(machines))),
        machines,
        tuple(applications_of(facts)),
        tuple(relations_of(facts)),
        resources_of(facts),
    )


def _facts(facts: Facts, machines: int) -> Iterator[str]:
    yield f"Juju {facts.juju.value}"
    if facts.site and facts.site.kubernetes.profile:
        yield facts.site.kubernetes.profile
    yield counted(machines, "machine")
    yield counted(len(facts.applications), "application")
    yield counted(sum(app.num_units for app in facts.applications.values()), "unit")


def bundle_machines(facts: Facts) -> Iterator[model.Machine]:
    """Yield the machines of a bundle, with their containers and units.

    Raises:
        PlanError: When Juju could not plan the bundle either.
    """
    subordinates = subordinates_of(facts)
    names = site_names(facts.site)
    hosts = hosts_of(facts)
    for place in places(facts.bundle, changes(facts.bundle, facts.juju, charms=facts.charms)):
        inner = tuple(
            model.Container(box.name, box.kind, _units(box, subordinates))
            for box in place.containers
        )
        name = names.get(place.name, place.name)
        machine = _described(facts, names, place.name)
        machine = with_host(machine, hosts[name]) if name in hosts else machine
        units = _units(place, subordinates)
        yield dataclasses.replace(machine, units=units, containers=inner)


def site_names(site: Site | None) -> dict[str, str]:
    """Return the names of the site's machines by their numbers in the bundle."""
    return {str(number): name for number, name in enumerate(site.machines)} if site else {}


def hosts_of(facts: Facts) -> dict[str, MaasMachine]:
    """Return the machines of MAAS that machines of the site select alone, by their names."""
    matches = facts.maas.matches if facts.maas else ()
    return {match.name: match.only for match in matches if match.only}


def with_host(machine: model.Machine, host: MaasMachine) -> model.Machine:
    """Return a machine with what MAAS knows about it, where it knows more than the site.

    Args:
        machine: The machine.
        host: The machine of MAAS.
    """
    values = {"cores": str(host.cores), "mem": f"{host.memory}M", "arch": host.architecture}
    return dataclasses.replace(
        machine,
        addresses=machine.addresses or host.addresses,
        hardware=hardware_texts(values, are_limits=False),
        rack=machine.rack or zone_of({"zones": host.zone}),
    )


def _described(facts: Facts, names: Mapping[str, str], key: str) -> model.Machine:
    """Return a machine with what the bundle and the site know about it."""
    constraints = constraints_of(facts.bundle, key)
    hardware = hardware_texts(constraints, are_limits=True)
    name = names.get(key, key)
    machine = facts.site.machines[name] if facts.site and key in names else None
    if machine is None and constraints.get("tags"):
        hardware = (*hardware, f"tags {constraints['tags']}")
    return model.Machine(
        key,
        name if machine else model.numbered(key),
        tuple(map(str, machine.addresses)) if machine else (),
        hardware,
        "GPU" if machine and machine.gpu else "",
        zone_of(constraints),
    )


def constraints_of(bundle: Bundle, machine: str) -> dict[str, str]:
    """Return the constraints of a machine of a bundle by name."""
    body = bundle.machines.get(machine)
    return dict(split_constraints(body.constraints)) if body else {}


def _units(place: Place, subordinates: Mapping[str, list[str]]) -> tuple[model.Unit, ...]:
    return tuple(
        model.Unit(
            name,
            application,
            subordinates=tuple(
                model.Unit(other, other) for other in subordinates.get(application, ())
            ),
        )
        for name, application in place.units
    )


def subordinates_of(facts: Facts) -> dict[str, list[str]]:
    """Return the subordinates that each principal application has on its machines."""
    principals: dict[str, list[str]] = {}
    for relation in facts.relations:
        if not facts.is_container_scoped(relation):
            continue
        left, right = (end.application for end in relation.ends)
        for name, other in ((left, right), (right, left)):
            is_pair = facts.is_subordinate(other) and not facts.is_subordinate(name)
            names = principals.setdefault(name, [])
            if is_pair and other in facts.applications and other not in names:
                names.append(other)
    return principals


def applications_of(facts: Facts) -> Iterator[model.Application]:
    """Yield the applications and the remote applications of a bundle."""
    for name, application in facts.applications.items():
        yield model.Application(
            name,
            charm_text(application),
            application.num_units,
            facts.is_subordinate(name),
            application.expose or bool(application.exposed_endpoints),
        )
    for name, url in facts.bundle.saas.items():
        yield model.Application(name, url, is_remote=True)


def charm_text(application: Application) -> str:
    """Return the charm of an application with its revision and channel."""
    if is_local_charm(application.charm):
        return f"{charm_name(application.charm)} (local charm)"
    revision = "" if application.revision is None else f", revision {application.revision}"
    channel = f", {application.channel}" if application.channel else ""
    return f"{application.charm}{channel}{revision}"


def relations_of(facts: Facts) -> Iterator[model.Relation]:
    """Yield the relations of a bundle whose applications exist."""
    names = {*facts.applications, *facts.bundle.saas}
    for relation in facts.relations:
        if {end.application for end in relation.ends} <= names:
            is_local = bool(facts.is_container_scoped(relation))
            interface = _interface(facts, relation.ends)
            yield model.Relation(relation.left, relation.right, interface, is_local)


def _interface(facts: Facts, ends: tuple[RelationEnd, RelationEnd]) -> str:
    endpoints = (facts.endpoint(end) for end in ends)
    return next((endpoint.interface for endpoint in endpoints if endpoint), "")
