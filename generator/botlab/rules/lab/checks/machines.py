"""Rules about the machines of a site or bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ....bundle.constraints import split_constraints
from ....decimals import bounded_int, is_decimal
from ....findings import Severity
from ....maas_tags import tag_commands
from ....site.number_ranges import groups_by_machine
from ..facts import ALL_CONTROL_PLANES, Facts
from ..rule import Violation, rule


@rule("BL027", Severity.WARNING)
def missing_unique_tag(facts: Facts) -> Iterator[Violation]:
    """Yield the machines of the site that have no tag of their own."""
    machines = facts.site.machines if facts.site else {}
    groups = groups_by_machine(facts.site.groups) if facts.site else {}
    uses = Counter(tag for machine in machines.values() for tag in machine.tags)
    for name, machine in machines.items():
        if not any(uses[tag] == 1 for tag in machine.tags if not tag.startswith("^")):
            yield Violation(
                ("machines", name, "tags"),
                f"{name} has no tag that only this machine has, so MAAS may provide another one",
                f"tag the machine in MAAS ({tag_commands(name)}) and write tags:"
                f" {_tags_text(groups.get(name, name))}",
                in_site=True,
            )


def _tags_text(tag: str) -> str:
    # YAML reads a bracket in a list as a list, unless the text has quotes.
    return f'["{tag}"]' if "[" in tag else f"[{tag}]"


@rule("BL029", Severity.ERROR)
def contradicting_tags(facts: Facts) -> Iterator[Violation]:
    """Yield the machines whose constraints both require and exclude a tag."""
    for name, machine in facts.bundle.machines.items():
        constraints = dict(split_constraints(machine.constraints)) if machine else {}
        tags = set(constraints.get("tags", "").split(","))
        for tag in sorted(tag for tag in tags if f"^{tag}" in tags):
            yield Violation(
                ("machines", name, "constraints"),
                f"machine {name} must have the tag {tag} and must not have it",
                f"keep either {tag} or ^{tag}",
            )


@rule("BL030", Severity.WARNING)
def single_zone(facts: Facts) -> Iterator[Violation]:
    """Yield the etcd and control-plane applications in one zone of a site with several zones."""
    machines = list(facts.site.machines.values()) if facts.site else []
    if len({machine.zone for machine in machines}) < 2:
        return
    for name, application in facts.applications_of("etcd", *ALL_CONTROL_PLANES):
        numbers = _machine_numbers(facts, name)
        zones = {machines[n].zone for n in numbers if n < len(machines)}
        if application.num_units > 1 and len(zones) == 1:
            yield Violation(
                ("applications", name, "to"),
                f"all units of {name} are placed in zone {zones.pop() or 'default'}",
                "place the units on machines of different zones",
            )


def _machine_numbers(facts: Facts, application: str) -> Iterator[int]:
    """Yield the numbers of the machines that an application's placements name."""
    for unit in facts.units_of(application):
        if is_decimal(unit.placement.machine):
            yield bounded_int(unit.placement.machine)
