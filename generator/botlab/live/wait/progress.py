"""What is reported after each look at the model."""

from __future__ import annotations

from dataclasses import dataclass

from .estimate import Estimate
from .phases import Phase
from .readiness import Readiness


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a wait.

    Attributes:
        seconds: How long the wait has lasted.
        readiness: What was ready and what was missing when the model was last observed.
        phase: The last phase that the wait has reached.
        estimate: The time that remains; None when nothing remains, or something has failed.
        trouble: Why the controller cannot be reached now; empty if it can be.
    """

    seconds: float
    readiness: Readiness
    phase: Phase
    estimate: Estimate | None = None
    trouble: str = ""
