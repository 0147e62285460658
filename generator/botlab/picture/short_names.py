"""Many names in one short text: ``a[02-20], b[02-20]``."""

from __future__ import annotations

from collections.abc import Iterable

from ..bundle.natural_sort import natural
from ..site.number_ranges import last_number, range_text


def short_names(names: Iterable[str]) -> str:
    """Return a text that names all of these, with ranges in place of numbers that follow others.

    Args:
        names: The names, in any order.
    """
    series: dict[tuple[str, str], list[str]] = {}
    for name in sorted(dict.fromkeys(names), key=natural):
        before, _, after = last_number(name)
        series.setdefault((before, after), []).append(name)
    return ", ".join(map(_series_text, series.values()))


def _series_text(names: list[str]) -> str:
    """Return the text for names that differ only by their last number."""
    if len(names) < 3:
        return ", ".join(names)
    return range_text(names) or ", ".join(names)
