"""Making an input smaller that shows a fault, and choosing the inputs of a corpus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from .coverage import Coverage
from .inputs import Input, size_of


def reduced(parts: Input, shows_fault: Callable[[Input], bool], seconds: float) -> Input:
    """Return a smaller input that still shows a fault.

    Args:
        parts: The input.
        shows_fault: Runs an input, and returns whether it shows the fault.
        seconds: The time to spend at most.
    """
    end = time.monotonic() + seconds
    is_smaller = True
    while is_smaller and time.monotonic() < end:
        is_smaller = False
        for candidate in _smaller(parts):
            if time.monotonic() >= end:
                break
            if shows_fault(candidate):
                parts, is_smaller = candidate, True
                break
    return parts


def _smaller(parts: Input) -> Iterator[Input]:
    """Yield copies of an input, each without a piece: first large pieces, then small ones."""
    for index, part in enumerate(parts):
        single_bytes = [part[i : i + 1] for i in range(len(part))]
        for pieces in (part.splitlines(keepends=True), single_bytes):
            for piece in _without_a_piece(pieces):
                yield (*parts[:index], b"".join(piece), *parts[index + 1 :])


def _without_a_piece(pieces: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    length = len(pieces)
    while length:
        for start in range(0, len(pieces), length):
            yield [*pieces[:start], *pieces[start + length :]]
        length //= 2


def chosen(
    inputs: Sequence[Input],
    run: Callable[[Input], object],
    coverage: Coverage,
    most_bytes: int,
) -> list[Input]:
    """Return the inputs that together execute most places, the smallest first.

    Args:
        inputs: The inputs to choose from.
        run: Runs an input.
        coverage: An empty record.
        most_bytes: The size of all chosen inputs at most.
    """
    choice: list[Input] = []
    rest = most_bytes
    for parts in sorted(inputs, key=size_of):
        if size_of(parts) > rest:
            break
        with coverage.recording():
            run(parts)
        if coverage.take():
            choice.append(parts)
            rest -= size_of(parts)
    return choice
