"""One step of a plan, and the set that keeps its steps in order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..juju import Juju


@dataclass(slots=True)
class Change:
    """One change that Juju would make.

    Attributes:
        id: ``METHOD-N``; N counts the changes made before it.
        method: Juju's name of the step: addCharm, deploy, addUnit, ...
        requires: Ids of the changes that come first.
        args: What the step is called with, as in Juju's own change lists.
        description: What ``juju deploy`` prints for it, without the ``- ``.
        after_machines: How many earlier machine changes it waits for besides (Juju 3.0 on: all).
    """

    id: str
    method: str
    requires: list[str]
    args: list[Any]
    description: list[str] = field(default_factory=list[str])
    after_machines: int = 0

    @property
    def placeholder(self) -> str:
        """The way later changes name what this one makes."""
        return f"${self.id}"


class ChangeSet:
    """Collects changes, numbers them, and sorts them as a Juju release does."""

    def __init__(self, juju: Juju) -> None:
        self._juju = juju
        self.changes: list[Change] = []
        self.machines: list[str] = []

    def add(
        self, method: str, args: list[Any], words: list[str], requires: Iterable[str] = ()
    ) -> Change:
        """Append one change and return it."""
        change = Change(f"{method}-{len(self.changes)}", method, list(requires), args, words)
        if method == "addMachines":
            if self._juju >= Juju.V3_6:
                change.after_machines = len(self.machines)
            self.machines.append(change.id)
        self.changes.append(change)
        return change

    def required_by(self, change: Change) -> list[str]:
        """List everything that a change waits for, earlier machines included."""
        if not change.after_machines:
            return change.requires
        return sorted({*change.requires, *self.machines[: change.after_machines]})

    def sorted(self) -> list[Change]:
        """Return the changes in the order in which Juju lists them.

        Repeats over the changes in creation order, listing each that waits for nothing; one freed
        earlier in a pass may follow in it. Up to 2.9 Juju gets the same order from a queue that
        pushes what must wait to its end (bundlechanges ``changeset.sorted``); from 3.0 on it sorts
        so by name (juju/juju PRs 13291, 14219) and makes each machine wait for all before it.
        """
        done: set[str] = set()
        machines_done = 0
        result: list[Change] = []
        waiting = self.changes
        while waiting:
            left: list[Change] = []
            for change in waiting:
                if machines_done < change.after_machines or not done.issuperset(change.requires):
                    left.append(change)
                    continue
                done.add(change.id)
                result.append(change)
                machines_done += change.method == "addMachines"
            if len(left) == len(waiting):
                break
            waiting = left
        return result


_DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> list[tuple[str, int]]:
    """Return a key that sorts as juju/naturalsort does: digits count as numbers."""
    pieces = _DIGITS.split(text)
    pairs = [(pieces[index], int(pieces[index + 1])) for index in range(0, len(pieces) - 1, 2)]
    return [*pairs, (pieces[-1], -1)] if pieces[-1] else pairs
