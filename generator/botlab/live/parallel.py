"""Calls in threads, each with a time limit.

The threads are daemons: a call that never returns, such as the search for a host name, does not
keep the process alive.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from .time_limits import Deadline

T = TypeVar("T")


class OutOfTimeError(Exception):
    """A call did not end within its time limit."""


def call_within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises.

    Args:
        seconds: The time limit.
        call: The call, which goes on in its thread after the limit.

    Raises:
        OutOfTimeError: When the call does not end in time.
    """
    (outcome,) = call_all([call], Deadline(seconds), limit=1)
    if outcome is None:
        raise OutOfTimeError
    return outcome.value()


class Outcome(Generic[T]):
    """What a call returned or raised.

    Args:
        returned: What it returned.
        error: What it raised; None for nothing.
    """

    def __init__(self, returned: list[T], error: BaseException | None = None) -> None:
        self._returned = returned
        self._error = error

    def value(self) -> T:
        """Return what the call returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._returned[0]


def call_all(
    calls: Sequence[Callable[[], T]], deadline: Deadline, *, limit: int
) -> list[Outcome[T] | None]:
    """Run calls at the same time.

    Args:
        calls: The calls.
        deadline: When to stop waiting for them.
        limit: How many run at once.

    Returns:
        The outcome of each call, in their order; None for a call that has not ended in time.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[int, Outcome[T]]] = queue.SimpleQueue()
    for number in range(len(calls)):
        waiting.put(number)

    def work() -> None:
        while not deadline.is_over:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            ended.put((number, _outcome(calls[number])))

    for _ in range(min(limit, len(calls))):
        threading.Thread(target=work, daemon=True).start()
    outcomes: list[Outcome[T] | None] = [None] * len(calls)
    for _ in calls:
        try:
            number, outcome = ended.get(timeout=deadline.remaining)
        except queue.Empty:
            break
        outcomes[number] = outcome
    return outcomes


def _outcome(call: Callable[[], T]) -> Outcome[T]:
    try:
        return Outcome([call()])
    except BaseException as error:
        return Outcome([], error)
