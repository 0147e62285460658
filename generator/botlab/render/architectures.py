"""The architectures of a bundle's applications and machines.

Juju 4 deploys a local charm a second time only where its application has an `arch` constraint, and
from Juju 2.9 on an application without one gets the charm for amd64 (``ArchOrDefault`` in
juju/juju core/constraints). A subordinate must not have constraints.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..bundle.placement import parse_placement
from ..juju import Juju
from ..site.machines import Architecture, arch_constraint
from ..site.model import Site

_DEFAULT = Architecture.AMD64.value


def architectures_of(site: Site, placements: Iterable[str]) -> list[str]:
    """Return the architectures of the machines that placements name, in their order.

    Args:
        site: The site.
        placements: Placements on the machine numbers of the bundle.
    """
    architectures = site.architectures
    parsed = (parse_placement(placement) for placement in placements)
    machines = [placement.machine for placement in parsed if placement is not None]
    return list(dict.fromkeys(architectures[int(machine)] for machine in machines))


def charm_architecture(site: Site, placements: Iterable[str]) -> str:
    """Return the architecture of the charm for units with these placements.

    An application has one charm. On machines of several architectures it is that of the first
    unit's machine, and without placements that of the site's first machine.
    """
    machines = site.architectures[:1]
    return [*architectures_of(site, placements), *machines, _DEFAULT][0]


def names_machine_architectures(site: Site) -> bool:
    """Return whether the machines of the bundle get `arch` constraints.

    In a lab with amd64 machines only, MAAS has no other choice. Otherwise each machine needs the
    constraint, because MAAS may give Juju any machine with the right tags.
    """
    return any(architecture != _DEFAULT for architecture in site.architectures)


def application_constraints(
    site: Site, constraints: str, placements: Iterable[str], juju: Juju
) -> str:
    """Return the constraints of a principal application with its architecture.

    Juju 2.6 knows no architecture of a charm. There, the constraint would only make containers on
    machines of the other architecture fail, so it is left out where the machines differ.
    """
    placements = list(placements)
    is_mixed = len(architectures_of(site, placements)) > 1
    if arch_constraint(constraints) or (is_mixed and juju < Juju.V2_9):
        return constraints
    return f"arch={charm_architecture(site, placements)} {constraints}".strip()
