"""The changes of a plan, and the order in which Juju lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..bundle.natural_sort import natural
from ..juju import Juju
from ..passes import in_passes

__all__ = ["Change", "ChangeSet", "natural"]


@dataclass(slots=True)
class Change:
    """A change that Juju would make.

    Attributes:
        id: ``METHOD-N``, where N is the number of changes made before it.
        method: Juju's name of the change, such as addCharm, deploy or addUnit.
        requires: The ids of the changes that come first.
        args: The arguments of the change, as in Juju's own change lists.
        description: The lines that ``juju deploy`` prints for it, without the ``- ``.
        after_machines: The number of earlier machine changes that must come first too. From Juju
            3.0 on it is all of them.
    """

    id: str
    method: str
    requires: list[str]
    args: list[Any]
    description: list[str] = field(default_factory=list[str])
    after_machines: int = 0

    @property
    def placeholder(self) -> str:
        """The text by which later changes refer to what this change creates."""
        return f"${self.id}"


class ChangeSet:
    """Changes in the order of their creation. It numbers them and sorts them as Juju does.

    Attributes:
        juju: The release of Juju.
        changes: The changes.
        machines: The ids of the changes that add machines.

    Args:
        juju: The release of Juju.
    """

    def __init__(self, juju: Juju) -> None:
        self.juju = juju
        self.changes: list[Change] = []
        self.machines: list[str] = []

    def add(
        self, method: str, args: list[Any], description: list[str], requires: Iterable[str] = ()
    ) -> Change:
        """Append a change and return it."""
        change_id = f"{method}-{len(self.changes)}"
        change = Change(change_id, method, list(requires), args, description)
        if method == "addMachines":
            if self.juju >= Juju.V3_6:
                change.after_machines = len(self.machines)
            self.machines.append(change.id)
        self.changes.append(change)
        return change

    def required_by(self, change: Change) -> list[str]:
        """Return the ids of all changes that come before a change, earlier machines included."""
        if not change.after_machines:
            return change.requires
        return sorted({*change.requires, *self.machines[: change.after_machines]})

    def all_required(self) -> set[str]:
        """Return the ids of all changes that come before some change."""
        count = max((change.after_machines for change in self.changes), default=0)
        required = {change_id for change in self.changes for change_id in change.requires}
        return required.union(self.machines[:count])

    def changed_options(self) -> dict[str, dict[str, object]]:
        """Return the options that are set, by the existing application that they are set for."""
        changes = [change.args for change in self.changes if change.method == "setOptions"]
        return {str(name): options for name, options in changes}

    def sorted(self) -> list[Change]:
        """Return the changes in the order in which Juju lists them.

        It passes over the changes in the order of their creation until all are listed. A pass
        lists each change whose required changes are listed, including those that the same pass
        lists. Up to 2.9 Juju gets the same order from a queue that puts a change that must wait to
        its end (bundlechanges ``changeset.sorted``). From 3.0 on it sorts so by name (juju/juju
        PRs 13291, 14219), and each machine waits for all earlier ones.
        """
        changes = {change.id: change for change in self.changes}
        required = {change_id: self._waits_for(change) for change_id, change in changes.items()}
        return [changes[change_id] for change_id in in_passes(required)]

    def _waits_for(self, change: Change) -> list[str]:
        """Return the changes that a change waits for. Each machine waits for the one before it."""
        count = change.after_machines
        return [*change.requires, self.machines[count - 1]] if count else change.requires
