"""A clock that stands still until a program sleeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from botlab.live.time_limits import Deadline
from botlab.live.wait.loop import Clock


@dataclass
class FakeTime:
    """A time that passes only by sleeping.

    Attributes:
        seconds: The time.
        sleeps: The durations slept.
    """

    seconds: float = 1000.0
    sleeps: list[float] = field(default_factory=list[float])

    def now(self) -> float:
        """Return the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds > 0, "a sleep of no time would never reach the deadline"
        self.sleeps.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        """The clock for the code under test."""
        return Clock(self.now, self.sleep)

    def deadline(self, seconds: float | None) -> Deadline:
        """Return a deadline by this clock."""
        return Deadline(seconds, self.now)
