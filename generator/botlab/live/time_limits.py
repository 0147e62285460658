"""Durations that people write, and deadlines."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from ..errors import BotlabError
from .errors import DeadlineError

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"([0-9]{1,6})([smh]?)")


def parse_duration(text: str, option: str) -> float:
    """Return a duration in seconds.

    Args:
        text: A number of seconds, or a number with the unit s, m or h.
        option: The option that has the value, for the error.

    Raises:
        BotlabError: When the text is not a duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not int(match[1]):
        raise BotlabError(
            f"{option}: {text!r} is not a duration; write a number of seconds, or a number with"
            " the unit s, m or h, such as 90s, 30m or 2h"
        )
    return float(int(match[1]) * _UNITS[match[2]])


class Deadline:
    """The moment at which waiting ends.

    Args:
        seconds: How long from now the deadline is; None for never.
        clock: Returns the time in seconds.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds

    @property
    def remaining(self) -> float | None:
        """The seconds that are left, at least 0; None if there is no deadline."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self.remaining == 0


def require_time(deadline: Deadline) -> None:
    """Check that there is time for another call.

    Raises:
        DeadlineError: When the deadline has passed.
    """
    if deadline.is_over:
        raise deadline_error()


def deadline_error() -> DeadlineError:
    """Return the error of a command whose time is over."""
    return DeadlineError(
        "the time of --timeout is over; repeat the command to continue, with a larger --timeout"
        " if it needs more time"
    )
