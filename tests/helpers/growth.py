"""How the time of an action grows with the size of its input."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator

# Below this time, a measurement says more about the machine than about the action.
_NOISE = 0.001
_FACTOR = 8
# Linear time grows eight times, and quadratic time sixty-four times.
LINEAR = 24
# A busy machine only makes runs longer: the least time comes closer to the true one with each
# round. Linear time needs one round on an idle machine; quadratic time fails after all rounds.
_ROUNDS = 8


def growth(action: Callable[[int], object], size: int) -> float:
    """Return how many times longer an action takes for an input that is eight times larger.

    Args:
        action: Handles an input of a size.
        size: The size of the smaller input.
    """
    small = large = float("inf")
    ratio = float("inf")
    with no_collection():
        for _ in range(_ROUNDS):
            small = min(small, *(_time(action, size) for _ in range(3)))
            large = min(large, _time(action, _FACTOR * size))
            ratio = (large + _NOISE) / (small + _NOISE)
            if ratio < LINEAR:
                break
    return ratio


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Keep the collection of garbage, which visits the objects of all tests, out of the times."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _time(action: Callable[[int], object], size: int) -> float:
    """Return the processor time of a run."""
    start = time.process_time()
    action(size)
    return time.process_time() - start
