"""The outcome of a check of the cluster."""

from typing import NamedTuple

OK = "ok"
NOTE = "note"
WAITING = "waiting"
BLOCKED = "blocked"


class Finding(NamedTuple):
    """The outcome of one check.

    Attributes:
        check: The check's name in `verify`.
        severity: OK; NOTE where MetalLB works and the administrator should look at something;
            WAITING where time may help; BLOCKED where a person must change something.
        message: The cause first, then the fix.
    """

    check: str
    severity: str
    message: str
