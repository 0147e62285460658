"""The machines of MAAS by their tags."""

from __future__ import annotations

from collections.abc import Sequence

from ..bundle.constraints import split_constraints
from .assignment import unmet_constraints
from .machines import MaasMachine


class TaggedMachines:
    """An index over machines, so that many searches by tags take little time.

    Args:
        machines: The machines.
    """

    def __init__(self, machines: Sequence[MaasMachine]) -> None:
        self._machines = machines
        self._by_tag: dict[str, list[MaasMachine]] = {}
        for machine in machines:
            for tag in machine.tags:
                self._by_tag.setdefault(tag, []).append(machine)

    def has_tag(self, tag: str) -> bool:
        """Return whether a machine has a tag."""
        return tag in self._by_tag

    def fitting(self, constraints: str) -> list[MaasMachine]:
        """Return the machines that meet constraints.

        Args:
            constraints: The constraints of a machine of a bundle.
        """
        required = next(iter(required_tags(constraints)), None)
        hosts = self._machines if required is None else self._by_tag.get(required, [])
        return [host for host in hosts if not unmet_constraints(constraints, host)]


def required_tags(constraints: str) -> list[str]:
    """Return the tags that constraints ask for, without those that a machine must not have."""
    tags = dict(split_constraints(constraints)).get("tags", "").split(",")
    return [tag for tag in tags if tag and not tag.startswith("^")]
