"""How a wait ended."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypedDict

from .missing import MissingJson
from .progress import Progress
from .readiness import Count


class Result(enum.Enum):
    """How a wait ended, by its name in JSON."""

    READY = "ready"
    STUCK = "stuck"
    TIMED_OUT = "timed-out"


class CountJson(TypedDict):
    """The JSON form of a count."""

    ready: int
    expected: int


class WaitJson(TypedDict):
    """The stable JSON form of an outcome.

    ``result`` is ``ready``, ``stuck`` or ``timed-out``. ``reason`` is empty for ``ready``.
    ``phase`` is ``machines``, ``containers``, ``cluster``, ``lab-charms``, ``kubeflow`` or
    ``ready``. ``applications`` are in the order in which they become ready. ``missing`` names
    everything that is not ready: ``kind`` is ``machine``, ``container``, ``application`` or
    ``unit``, and ``activity`` is ``working``, ``waiting``, ``blocked`` or ``failed``.
    """

    ok: bool
    lab: str
    result: str
    reason: str
    phase: str
    seconds: int
    machines: CountJson
    containers: CountJson
    applications: dict[str, CountJson]
    missing: list[MissingJson]
    notes: list[str]


_EXIT_STATUS = {Result.READY: 0, Result.STUCK: 1, Result.TIMED_OUT: 3}


@dataclass(frozen=True, slots=True)
class WaitOutcome:
    """How a wait ended.

    Attributes:
        lab: The name of the lab.
        result: How it ended.
        reason: Why it ended before everything was ready; empty if everything is.
        progress: The last progress.
    """

    lab: str
    result: Result
    reason: str
    progress: Progress

    @property
    def is_ready(self) -> bool:
        """Whether everything is ready."""
        return self.result is Result.READY

    @property
    def exit_status(self) -> int:
        """The exit status of a command that ends with this outcome."""
        return _EXIT_STATUS[self.result]

    def as_json(self) -> WaitJson:
        """Return the stable JSON form."""
        readiness = self.progress.readiness
        return {
            "ok": self.is_ready,
            "lab": self.lab,
            "result": self.result.value,
            "reason": self.reason,
            "phase": self.progress.phase.value,
            "seconds": round(self.progress.seconds),
            "machines": count_json(readiness.machines),
            "containers": count_json(readiness.containers),
            "applications": {
                name: count_json(count) for name, count in readiness.applications.items()
            },
            "missing": [part.as_json() for part in readiness.missing],
            "notes": list(readiness.notes),
        }


def count_json(count: Count) -> CountJson:
    """Return the JSON form of a count."""
    return {"ready": count.ready, "expected": count.expected}
