"""The machines of MAAS that the machines of a site select."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ...address_spans import Span
from ...bundle.constraints import split_constraints
from ...inventory.address_use import AddressUse, address_use
from ...inventory.assignment import assign, unmet_constraints
from ...inventory.dumps import MaasInventory
from ...inventory.machines import MaasMachine
from ...inventory.states import Use, remedy, state_of
from ...inventory.tagged import TaggedMachines
from ...site.machines import Machine
from .facts import Facts


@dataclass(frozen=True, slots=True)
class MaasMatch:
    """A machine of the site with the machines of MAAS that it selects.

    Attributes:
        name: Its name in the site.
        machine: The machine of the site.
        constraints: The constraints in the bundle.
        tags: The tags among them, separated by commas.
        tagged: The machines of MAAS that have its tags.
    """

    name: str
    machine: Machine
    constraints: str
    tags: str
    tagged: tuple[MaasMachine, ...]

    @property
    def only(self) -> MaasMachine | None:
        """The machine of MAAS, if its tags select exactly one."""
        return self.tagged[0] if len(self.tagged) == 1 else None

    @property
    def is_unusable(self) -> bool:
        """Whether its tags select exactly one machine, which MAAS cannot deploy."""
        return self.only is not None and state_of(self.only).use is Use.UNUSABLE

    @property
    def is_in_use(self) -> bool:
        """Whether its tags select exactly one machine, which MAAS has assigned or works on."""
        return self.only is not None and state_of(self.only).use in (Use.IN_USE, Use.CHANGING)

    def unmet(self, machine: MaasMachine) -> list[str]:
        """Return the constraints besides tags that a machine of MAAS does not meet."""
        unmet = unmet_constraints(self.constraints, machine)
        return [constraint for constraint in unmet if not constraint.startswith("tags=")]


class MaasMatches:
    """All machines of the site.

    Args:
        facts: The site and its bundle.
        inventory: What MAAS knows.
    """

    def __init__(self, facts: Facts, inventory: MaasInventory) -> None:
        self.inventory = inventory
        self._by_tag = TaggedMachines(inventory.machines)
        # Machines with the same tags share the lists, whose sizes would multiply otherwise.
        self._tagged: dict[str, tuple[MaasMachine, ...]] = {}
        self._names: dict[str, list[str]] = {}
        self.matches = tuple(self._matches(facts))

    def has_tag(self, tag: str) -> bool:
        """Return whether a machine of MAAS has a tag."""
        return self._by_tag.has_tag(tag)

    def remedy(self, machine: MaasMachine) -> str:
        """Return what brings a machine back to Ready."""
        return remedy(machine, self.inventory.profile)

    def address_use(self, span: Span) -> AddressUse:
        """Return what MAAS does with addresses."""
        return address_use(span, self.inventory)

    @functools.cached_property
    def assigned(self) -> dict[str, str]:
        """A machine of MAAS for each machine of the site, as far as their tags allow it."""
        return assign({match.name: self._names[match.tags] for match in self.matches})

    def _matches(self, facts: Facts) -> Iterator[MaasMatch]:
        machines = facts.site.machines if facts.site else {}
        for number, (name, machine) in enumerate(machines.items()):
            entry = facts.bundle.machines.get(str(number))
            constraints = entry.constraints if entry else ""
            tags = dict(split_constraints(constraints)).get("tags", "")
            yield MaasMatch(name, machine, constraints, tags, self._hosts(tags))

    def _hosts(self, tags: str) -> tuple[MaasMachine, ...]:
        if tags not in self._tagged:
            self._tagged[tags] = tuple(self._by_tag.fitting(f"tags={tags}" if tags else ""))
            self._names[tags] = [host.name for host in self._tagged[tags]]
        return self._tagged[tags]
