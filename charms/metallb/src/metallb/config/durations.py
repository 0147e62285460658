"""Durations as Go's time.ParseDuration reads them."""

import re

from metallb.config.errors import RefusedError

_UNITS = {
    "ns": 1e-9, "us": 1e-6, "\u00b5s": 1e-6, "\u03bcs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0,
    "h": 3600.0,
}  # fmt: skip
_PART = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)")


def parse_duration(text: str) -> float:
    """Return the seconds of a duration such as 1m30s.

    Raises:
        RefusedError: When Go does not accept the text; with Go's message.
    """
    sign, unsigned = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text[text[:1] == "+" :])
    if unsigned == "0":
        return 0.0
    seconds, position = 0.0, 0
    while position < len(unsigned) or not unsigned:
        part = _PART.match(unsigned, position)
        if part is None:
            raise RefusedError(f'time: invalid duration "{text}"')
        number, unit = part.groups()
        if not unit:
            raise RefusedError(f'time: missing unit in duration "{text}"')
        if unit not in _UNITS:
            raise RefusedError(f'time: unknown unit "{unit}" in duration "{text}"')
        seconds += float(number) * _UNITS[unit]
        position = part.end()
    return sign * seconds
