"""Wait until a condition is true, up to a deadline."""

import time
from typing import Callable, TypeVar

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T],
    seconds: float,
    interval: float = 0.5,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Check a condition until it is true or the time is up, at least once.

    The pauses count as time even where `sleep` returns at once, so a test that passes its own
    `sleep` need not pass a clock as well.

    Args:
        condition: Returns a true value once there is nothing left to wait for.
        seconds: How long to wait at most; 0 checks once.
        interval: The pause between two checks.
        sleep: Waits for a number of seconds.
        clock: Returns the time in seconds.

    Returns:
        What the condition returned last: a true value, or a false one when the time is up.
    """
    end, paused = clock() + seconds, 0.0
    outcome = condition()
    while not outcome and clock() < end and paused < seconds:
        sleep(interval)
        paused += interval
        outcome = condition()
    return outcome
