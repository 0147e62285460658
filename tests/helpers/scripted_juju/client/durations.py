"""Durations as Go writes them, such as ``1m30s``."""

from __future__ import annotations

from .errors import usage_error

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str, flag: str) -> float:
    """Return a duration in seconds.

    Args:
        text: The duration.
        flag: The option that has the value, for the error.

    Raises:
        CommandError: The text is not a duration; Go wants a unit.
    """
    total, rest = 0.0, text
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789."))
        unit = "ms" if rest[digits:].startswith("ms") else rest[digits : digits + 1]
        if not digits or unit not in _UNITS:
            problem = "time: missing unit in duration" if digits else "time: invalid duration"
            raise usage_error(f'invalid value "{text}" for option --{flag}: {problem} "{text}"')
        total += float(rest[:digits]) * _UNITS[unit]
        rest = rest[digits + len(unit) :]
    return total
