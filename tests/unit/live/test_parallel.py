"""Calls in threads."""

from __future__ import annotations

import threading
import time

import pytest

from botlab.live.parallel import OutOfTimeError, call_all, call_within
from botlab.live.time_limits import Deadline


def test_call_returns_its_value() -> None:
    assert call_within(5, lambda: 7) == 7


def test_call_raises_its_error() -> None:
    with pytest.raises(ZeroDivisionError):
        call_within(5, lambda: 1 // 0)


def test_call_that_hangs_ends_at_its_limit() -> None:
    release = threading.Event()
    start = time.monotonic()

    with pytest.raises(OutOfTimeError):
        call_within(0.2, lambda: release.wait(30))
    assert time.monotonic() - start < 5
    release.set()


def test_outcomes_have_the_order_of_the_calls() -> None:
    calls = [lambda number=number: number for number in range(50)]

    outcomes = call_all(calls, Deadline(30), limit=4)

    assert [outcome.value() if outcome else None for outcome in outcomes] == list(range(50))


def test_only_some_calls_run_at_once() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    call_all([call] * 12, Deadline(30), limit=3)

    assert most == 3


def test_call_that_has_not_ended_has_no_outcome() -> None:
    release = threading.Event()

    outcomes = call_all([lambda: release.wait(30), lambda: True], Deadline(0.5), limit=2)
    release.set()

    assert outcomes[0] is None
    assert outcomes[1] is not None


def test_no_calls_have_no_outcomes() -> None:
    assert call_all([], Deadline(None), limit=3) == []
