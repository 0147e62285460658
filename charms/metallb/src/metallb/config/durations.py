"""Durations as Go's time.ParseDuration reads them."""

import re

_UNITS = {
    "ns": 1e-9, "us": 1e-6, "\u00b5s": 1e-6, "\u03bcs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0,
    "h": 3600.0,
}  # fmt: skip
_PART = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)")


class DurationError(Exception):
    """No duration; the text is Go's."""


def parse_duration(text: str) -> float:
    """Return the seconds of a duration such as 1m30s.

    Raises:
        DurationError: With Go's words.
    """
    sign, rest = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text[text[:1] == "+" :])
    if rest == "0":
        return 0.0
    total, at = 0.0, 0
    while at < len(rest) or not rest:
        part = _PART.match(rest, at)
        if part is None:
            raise DurationError('time: invalid duration "%s"' % text)
        number, unit = part.groups()
        if not unit:
            raise DurationError('time: missing unit in duration "%s"' % text)
        if unit not in _UNITS:
            raise DurationError('time: unknown unit "%s" in duration "%s"' % (unit, text))
        total += float(number) * _UNITS[unit]
        at = part.end()
    return sign * total
