"""Texts with ranges of numbers: ``gpu[0-7]`` stands for eight texts, gpu0 to gpu7.

A text may have several ranges, and a range may list numbers (``[0-3,6]``). A lower end with zeros
in front (``[01-12]``) sets the number of digits.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence

_PIECE = r"[0-9]{1,9}(-[0-9]{1,9})?"
# A range, as a part of a regular expression.
RANGE = rf"\[{_PIECE}(,{_PIECE})*\]"
_SPLIT = re.compile(r"\[([0-9,-]+)\]")
_LAST_NUMBER = re.compile(r"(.*?)([0-9]{0,9})([^0-9]*)", re.DOTALL)


class RangeOrderError(ValueError):
    """A range that ends before it starts."""


def count_texts(text: str) -> int:
    """Return the number of texts that a text stands for, without making them.

    Args:
        text: A text whose ranges have the form ``RANGE``.

    Raises:
        RangeOrderError: When a range ends before it starts.
    """
    return math.prod(
        sum(len(numbers) for _, numbers in _pieces(numbers_text))
        for numbers_text in _SPLIT.split(text)[1::2]
    )


def expand_ranges(text: str) -> list[str]:
    """Return the texts that a text stands for. The last range changes fastest.

    Args:
        text: A text whose ranges have the form ``RANGE``.

    Raises:
        RangeOrderError: When a range ends before it starts.
    """
    parts = _SPLIT.split(text)
    choices = [_numbers(part) if position % 2 else [part] for position, part in enumerate(parts)]
    return ["".join(words) for words in itertools.product(*choices)]


def _numbers(text: str) -> list[str]:
    return [str(number).zfill(width) for width, numbers in _pieces(text) for number in numbers]


def _pieces(text: str) -> list[tuple[int, range]]:
    """Return the numbers of each piece of a range, with their smallest number of digits."""
    pieces: list[tuple[int, range]] = []
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        if int(last or first) < int(first):
            raise RangeOrderError(
                f"has the range {piece}, which ends before it starts; write the lower number first"
            )
        width = len(first) if first.startswith("0") else 1
        pieces.append((width, range(int(first), int(last or first) + 1)))
    return pieces


def groups_by_machine(groups: Iterable[str]) -> dict[str, str]:
    """Return the group of each machine, by the machine's name.

    Args:
        groups: The names of the groups, whose ranges have the form ``RANGE``.
    """
    return {machine: name for name in groups for machine in expand_ranges(name)}


def last_number(text: str) -> tuple[str, str, str]:
    """Return what precedes the last number of a text, its digits, and what follows it.

    The digits are empty if the text has no number.
    """
    match = _LAST_NUMBER.fullmatch(text)
    assert match
    before, digits, after = match.groups()
    return before, digits, after


def range_text(texts: Sequence[str]) -> str:
    """Return a text that stands for texts which differ only by their last number.

    It is empty if there is none, as for texts that differ by something else.
    """
    numbers = [last_number(text) for text in texts]
    if not all(digits for _, digits, _ in numbers):
        return ""
    before, _, after = numbers[0] if numbers else ("", "", "")
    pieces = ",".join(_written_pieces([digits for _, digits, _ in numbers]))
    text = f"{before}[{pieces}]{after}"
    return text if pieces and expand_ranges(text) == list(texts) else ""


def _written_pieces(numbers: Sequence[str]) -> Iterator[str]:
    """Yield numbers as ranges of those that follow each other."""
    start = 0
    for index, number in enumerate(numbers):
        is_last = index + 1 == len(numbers)
        if is_last or int(numbers[index + 1]) != int(number) + 1:
            yield number if index == start else f"{numbers[start]}-{number}"
            start = index + 1
