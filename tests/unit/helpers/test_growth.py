"""The measure of growth distinguishes linear from quadratic time, also on a busy machine."""

from __future__ import annotations

import gc

from helpers.growth import LINEAR, growth


def _linear(size: int) -> int:
    return sum(number % 7 for number in range(100 * size))


def _quadratic(size: int) -> int:
    return sum(number % 7 for number in range(size * size // 4))


def test_linear_time_is_below_the_limit() -> None:
    """Eight times the work takes about eight times as long."""
    assert growth(_linear, 500) < LINEAR


def test_quadratic_time_is_above_the_limit() -> None:
    """Eight times the input takes sixty-four times as long, in every round."""
    assert growth(_quadratic, 500) > LINEAR


def test_one_slow_run_does_not_matter() -> None:
    """The larger input is measured again when its first run was slow."""
    larger: list[int] = []

    def slow_once(size: int) -> None:
        if size > 500:
            larger.append(size)
        _linear(10 * size if len(larger) == 1 else size)

    assert growth(slow_once, 500) < LINEAR
    assert len(larger) == 2


def test_the_collection_of_garbage_is_switched_on_again() -> None:
    """A measurement changes nothing for the tests after it."""
    growth(_linear, 10)
    assert gc.isenabled()
