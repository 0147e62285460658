"""Something of a lab that is not ready, with its cause and the remedy."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict


class Activity(enum.Enum):
    """What happens to something that is not ready.

    ``WORKING``: MAAS, Juju or the charm is busy with it. ``WAITING``: it needs something else of
    the lab first. ``BLOCKED``: a person must act. ``FAILED``: an error, or a lost machine.
    """

    WORKING = "working"
    WAITING = "waiting"
    BLOCKED = "blocked"
    FAILED = "failed"


class MissingJson(TypedDict):
    """The stable JSON form of something that is not ready."""

    kind: str
    name: str
    application: str
    activity: str
    state: str
    message: str
    agent: str
    fix: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Something of a lab that is not ready.

    Attributes:
        kind: ``machine``, ``container``, ``application`` or ``unit``.
        name: Its name. Units that do not exist are reported by the name of their application.
        activity: What happens to it.
        state: Its state as Juju calls it, or ``absent``.
        message: The cause, as Juju or the charm gives it where it gives one.
        application: The application of a unit; empty for a machine.
        fix: What a person should do; empty where waiting is enough.
        agent: What the agent of a unit is doing, such as running a hook, so that the state may be
            of the past; empty for an idle agent.
    """

    kind: str
    name: str
    activity: Activity
    state: str
    message: str = ""
    application: str = ""
    fix: str = ""
    agent: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether its agent is doing something."""
        return bool(self.agent)

    def __str__(self) -> str:
        subject = self.name if self.kind == "unit" else f"{self.kind} {self.name}"
        message = f": {self.message}" if self.message else ""
        agent = f" ({self.agent})" if self.agent else ""
        return f"{subject} {self.state}{message}{agent}"

    def as_json(self) -> MissingJson:
        """Return the stable JSON form."""
        return {
            "kind": self.kind,
            "name": self.name,
            "application": self.application,
            "activity": self.activity.value,
            "state": self.state,
            "message": self.message,
            "agent": self.agent,
            "fix": self.fix,
        }


def joined_names(missing: Sequence[Missing]) -> str:
    """Return the names of parts that are not ready, in words; only the first one of many."""
    names = [part.name if part.kind == "unit" else f"{part.kind} {part.name}" for part in missing]
    return " and ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} others"
