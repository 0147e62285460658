"""Waiting with a deadline, without real pauses."""

from __future__ import annotations

from labcharm.polling import wait_until


class Clock:
    """A clock that only its own `sleep` moves, unless it runs by itself."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now, self.tick = 0.0, tick
        self.pauses: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        """Note the pause, and let the time pass."""
        self.pauses.append(seconds)
        self.now += seconds


def test_true_condition_is_returned_without_a_pause() -> None:
    clock = Clock()
    assert wait_until(lambda: "volume", 10, 1, clock.sleep, clock) == "volume"
    assert clock.pauses == []


def test_condition_is_checked_until_it_is_true() -> None:
    clock = Clock()
    assert wait_until(lambda: clock.now >= 3, 10, 1, clock.sleep, clock) is True
    assert clock.pauses == [1, 1, 1]


def test_false_condition_is_returned_at_the_deadline() -> None:
    clock = Clock()
    assert wait_until(list, 2, 0.5, clock.sleep, clock) == []
    assert clock.pauses == [0.5] * 4


def test_no_time_still_checks_once() -> None:
    clock, checks = Clock(), []
    assert wait_until(lambda: checks.append(1), 0, 1, clock.sleep, clock) is None
    assert (checks, clock.pauses) == ([1], [])


def test_slow_condition_counts_against_the_deadline() -> None:
    clock = Clock(tick=5)
    assert not wait_until(lambda: False, 8, 1, clock.sleep, clock)
    assert len(clock.pauses) == 1


def test_sleep_that_returns_at_once_needs_no_clock() -> None:
    pauses: list[float] = []
    assert not wait_until(lambda: False, 3600, 60, pauses.append)
    assert pauses == [60] * 60
