"""The time, and how the releases write it."""

from __future__ import annotations

import os
import time

from .store import JsonObject

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def now(state: JsonObject) -> str:
    """Return the time in UTC as ``YYYY-MM-DDTHH:MM:SSZ``; the state can fix it."""
    return state.get("clock") or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def status_time(stamp: str, is_utc: bool) -> str:
    """Return a time as `juju status` shows it: local time with a bare offset, or ISO with --utc.

    Args:
        stamp: The time as ``YYYY-MM-DDTHH:MM:SSZ`` or with another offset.
        is_utc: Whether ``--utc`` is set. The variable JUJU_STATUS_ISO_TIME has the same effect.
    """
    date, _, rest = stamp.partition("T")
    year, month, day = date.split("-")
    if is_utc or os.environ.get("JUJU_STATUS_ISO_TIME", "") not in ("", "0", "false"):
        return f"{date} {rest}"
    return f"{day} {_MONTHS[int(month) - 1]} {year} {rest}"


def stamp_of(text: str) -> str:
    """Return the time of a status document in the form that the state keeps."""
    words = text.split()
    if len(words) == 2:
        return "T".join(words)
    day, month, year, rest = words
    return f"{year}-{_MONTHS.index(month) + 1:02d}-{day}T{rest}"


def action_time(stamp: str) -> str:
    """Return a time as Go prints it in the timing of an action."""
    return f"{stamp.replace('T', ' ').rstrip('Z')} +0000 UTC"
