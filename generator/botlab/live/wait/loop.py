"""The wait itself: look at the model again and again until it is ready, stuck, or time is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import (
    ClientMissingError,
    ControllerMissingError,
    DeadlineError,
    LiveError,
    LoginError,
    ModelMissingError,
    UnsupportedError,
)
from ..lab import Lab
from ..live_model import LiveModel
from ..status.model import ModelStatus
from ..time_limits import Deadline
from .estimate import Estimate, estimate
from .missing import Activity, joined_names
from .outcome import Result, WaitOutcome
from .patience import Patience
from .phases import Phase, current_phase, phase_counts
from .progress import Progress
from .readiness import Readiness, readiness

# The seconds between two looks at the model.
INTERVAL = 5.0
# Errors that do not pass by themselves.
_LASTING_ERRORS = (
    ClientMissingError,
    ControllerMissingError,
    LoginError,
    ModelMissingError,
    UnsupportedError,
)

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, passed in so that tests need not wait.

    Attributes:
        now: Returns the time in seconds.
        sleep: Waits for some seconds.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def wait_until_ready(
    model: LiveModel, lab: Lab, deadline: Deadline, report: Report, clock: Clock | None = None
) -> WaitOutcome:
    """Wait until everything of a lab is ready.

    The wait only reads, so it can be interrupted and started again at any time. It ends early
    if a person must act (see :mod:`~botlab.live.wait.patience`). If the controller is out of
    reach after the first look, the wait tries again until the deadline.

    Args:
        model: The model of the lab.
        lab: The lab.
        deadline: When to give up.
        report: Called with the progress after each look at the model.
        clock: The time; the system's by default.

    Raises:
        LiveError: When the first look fails, or an error is one that does not pass.
    """
    return _Wait(model, lab, deadline, report, clock or Clock()).run()


class _Wait:
    def __init__(
        self, model: LiveModel, lab: Lab, deadline: Deadline, report: Report, clock: Clock
    ) -> None:
        self._model, self._lab, self._deadline = model, lab, deadline
        self._report, self._clock = report, clock
        self._start = clock.now()
        self._patience = Patience()
        self._phase, self._phase_start = Phase.MACHINES, self._start

    def run(self) -> WaitOutcome:
        progress = self._progress(self._model.status())
        while True:
            self._report(progress)
            ended = self._outcome(progress)
            if ended:
                return ended
            self._sleep()
            try:
                progress = self._look(progress)
            except DeadlineError:
                return self._late(progress)

    def _look(self, previous: Progress) -> Progress:
        """Return the progress after another look, or the previous one with the trouble."""
        try:
            status = self._model.status()
        except (*_LASTING_ERRORS, DeadlineError):
            raise
        except LiveError as error:
            self._patience.forget()
            return Progress(
                self._clock.now() - self._start,
                previous.readiness,
                previous.phase,
                previous.estimate,
                str(error),
            )
        return self._progress(status)

    def _progress(self, status: ModelStatus) -> Progress:
        now = self._clock.now()
        state = readiness(self._lab, status)
        self._patience.observe(state, now)
        phase = current_phase(self._lab, state)
        if phase.follows(self._phase):  # short hooks of earlier charms do not begin it again
            self._phase, self._phase_start = phase, now
        phase = self._phase
        return Progress(now - self._start, state, phase, self._estimate(state, phase, now))

    def _estimate(self, state: Readiness, phase: Phase, now: float) -> Estimate | None:
        """Return the time that remains; None while something has failed."""
        if any(part.activity is Activity.FAILED for part in state.missing):
            return None
        return estimate(phase, phase_counts(self._lab, state), now - self._phase_start)

    def _outcome(self, progress: Progress) -> WaitOutcome | None:
        """Return how the wait ended; None if it goes on."""
        if progress.readiness.is_ready and not progress.trouble:
            return WaitOutcome(self._lab.name, Result.READY, "", progress)
        reason = self._patience.reason(self._clock.now())
        if reason:
            return WaitOutcome(self._lab.name, Result.STUCK, reason, progress)
        if self._deadline.is_over:
            return self._late(progress)
        return None

    def _late(self, progress: Progress) -> WaitOutcome:
        return WaitOutcome(self._lab.name, Result.TIMED_OUT, _late_reason(progress), progress)

    def _sleep(self) -> None:
        remaining = self._deadline.remaining
        self._clock.sleep(INTERVAL if remaining is None else min(INTERVAL, remaining))


def _late_reason(progress: Progress) -> str:
    if progress.trouble:
        return f"the controller is out of reach: {progress.trouble}"
    return f"the time is over; not ready: {joined_names(progress.readiness.missing)}"
