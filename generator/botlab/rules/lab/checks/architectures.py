"""Rules about applications on machines of several architectures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....bundle.constraints import architecture_in
from ....catalogue.model import Charm
from ....catalogue.profiles import instance_name
from ....decimals import bounded_int, is_decimal
from ....findings import Severity, listed
from ....juju import Juju
from ....site.number_ranges import groups_by_machine
from ..facts import Facts
from ..rule import PLACEMENT_KEYS, Violation, rule

_ARCHITECTURE_KEYS = ("machines.*.arch", "machines.*.constraints", *PLACEMENT_KEYS)
_PLACE = "place all its units on machines of one architecture (applications.{name}.to)"
_FIX_OF_BUNDLE = f"{_PLACE}, or deploy the charm a second time under another name for the others"


@rule("BL092", Severity.ERROR, depends_on=_ARCHITECTURE_KEYS)
def several_architectures_on_juju_4(facts: Facts) -> Iterator[Violation]:
    """Yield the applications that Juju 4 cannot place, because their machines differ."""
    if facts.juju >= Juju.V4_0:
        yield from _mixed_applications(facts, "but Juju 4 deploys an application on one only")


@rule("BL093", Severity.WARNING, depends_on=_ARCHITECTURE_KEYS)
def several_architectures(facts: Facts) -> Iterator[Violation]:
    """Yield the applications whose one charm must run on machines of several architectures."""
    # In Juju 2.6 a charm has no architecture.
    if Juju.V2_9 <= facts.juju < Juju.V4_0:
        yield from _mixed_applications(facts, "but Juju deploys the charm of one on all of them")


def _mixed_applications(facts: Facts, reason: str) -> Iterator[Violation]:
    for name in facts.applications:
        machines = _machines_of(facts, name)
        architecture = _application_architecture(facts, name)
        if len(set(machines.values())) > 1:
            listed = ", ".join(f"{machine}: {arch}" for machine, arch in machines.items())
            message = f"{name} has units on machines of several architectures ({listed}), {reason}"
            yield Violation(("applications", name, "to"), message, _fix(facts, name, machines))
        elif architecture and machines and architecture not in machines.values():
            machine, other = next(iter(machines.items()))
            yield Violation(
                ("applications", name, "constraints"),
                f"{name} has the constraint arch={architecture}, but machine {machine}, on which"
                f" its unit is placed, is {other}",
                f"write arch={other} in the constraint, or place the units on {architecture}"
                " machines",
            )


def mixed_applications(facts: Facts) -> set[str]:
    """Return the applications that BL092 or BL093 reports."""
    return {str(violation.path[1]) for violation in _mixed_applications(facts, "")}


def _fix(facts: Facts, name: str, machines: Mapping[str, str]) -> str:
    """Return what to do about an application on machines of several architectures.

    Args:
        facts: The facts.
        name: The application.
        machines: The architectures of its machines, by number.
    """
    if facts.site is None:
        return _FIX_OF_BUNDLE.format(name=name)
    worker = facts.profile.worker if facts.profile else ""
    entries = {instance_name(worker, entry): entry for entry in ("", *facts.site.workers)}
    if not worker or name not in entries:
        return _PLACE.format(name=name)
    stays, other = list(dict.fromkeys(machines.values()))[:2]
    entry = instance_name(entries[name], other) if entries[name] else other
    moved = (_site_name(facts, number) for number, arch in machines.items() if arch == other)
    settings = facts.site.applications.get(name)
    place = f"roles: [worker] and workers: {entry}" if settings and settings.to else ""
    removal = f", and remove it from applications.{name}.to" if place else ""
    return (
        f"write workers: {{{entry}: {{}}}} in the site file, and {place or f'workers: {entry}'} at"
        f" {listed(list(dict.fromkeys(moved)))}{removal}; {name} is for {stays} then, and"
        f" {instance_name(worker, entry)} for {other}"
    )


def _site_name(facts: Facts, number: str) -> str:
    """Return the name of a machine of the site, or of its group; else the bundle's number."""
    site, index = facts.site, bounded_int(number) if is_decimal(number) else -1
    names = list(site.machines) if site else []
    if site is None or not 0 <= index < len(names):
        return number
    return groups_by_machine(site.groups).get(names[index], names[index])


@rule("BL094", Severity.WARNING, depends_on=_ARCHITECTURE_KEYS)
def subordinate_on_several_architectures(facts: Facts) -> Iterator[Violation]:
    """Yield the subordinates whose principals run on machines of different architectures."""
    if facts.juju < Juju.V2_9:
        return
    for name in facts.applications:
        architectures = {
            principal: architecture
            for principal in _principals(facts, name)
            if (architecture := _principal_architecture(facts, principal))
        }
        if len(set(architectures.values())) > 1:
            listed = ", ".join(f"{app}: {arch}" for app, arch in architectures.items())
            yield Violation(
                ("applications", name),
                f"the principals of the subordinate {name} run on machines of several"
                f" architectures ({listed}), but Juju deploys the charm of one with all of them",
                f"check that the charm of {name} contains nothing compiled, or place the"
                " principals on machines of one architecture",
            )


def _machines_of(facts: Facts, name: str) -> dict[str, str]:
    """Return the machines of an application's units with their architectures, where known."""
    numbers = [unit.placement.machine for unit in facts.units_of(name)]
    return {number: arch for number in numbers if (arch := _machine_architecture(facts, number))}


def _machine_architecture(facts: Facts, number: str) -> str:
    """Return the architecture of a machine of the bundle; empty when it is not known."""
    machine = facts.bundle.machines.get(number)
    named = architecture_in(machine.constraints) if machine else ""
    if named or facts.site is None or not is_decimal(number):
        return named
    machines, index = facts.site_machines, bounded_int(number)
    return machines[index].architecture if index < len(machines) else ""


def _application_architecture(facts: Facts, name: str) -> str:
    return architecture_in(facts.applications[name].constraints)


def _principal_architecture(facts: Facts, name: str) -> str:
    """Return the architecture of a principal's charm, which is that of its first machine."""
    named = _application_architecture(facts, name)
    return named or next(iter(_machines_of(facts, name).values()), "")


def _principals(facts: Facts, name: str) -> Iterator[str]:
    """Yield the principals on whose machines a subordinate runs."""
    if not _is_subordinate(facts.charms.get(name)):
        return
    for relation in facts.relations_of(name):
        left, right = (end.application for end in relation.ends)
        other = right if left == name else left
        is_principal = other in facts.applications and not _is_subordinate(facts.charms.get(other))
        if is_principal and facts.is_container_scoped(relation):
            yield other


def _is_subordinate(charm: Charm | None) -> bool:
    return charm is not None and charm.subordinate
