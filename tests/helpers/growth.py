"""How the time of an action grows with the size of its input."""

from __future__ import annotations

import time
from collections.abc import Callable

# Below this time, a measurement says more about the machine than about the action.
_NOISE = 0.001
_FACTOR = 8
# Linear time grows eight times, and quadratic time sixty-four times. The limit is between them, so
# that a busy machine and the collection of garbage do not matter.
LINEAR = 24


def growth(action: Callable[[int], object], size: int) -> float:
    """Return how many times longer an action takes for an input that is eight times larger.

    Args:
        action: Handles an input of a size.
        size: The size of the smaller input.
    """
    return (_least_time(action, _FACTOR * size) + _NOISE) / (_least_time(action, size) + _NOISE)


def _least_time(action: Callable[[int], object], size: int) -> float:
    """Return the least processor time of three runs."""
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        action(size)
        times.append(time.process_time() - start)
    return min(times)
