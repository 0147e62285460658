"""The errors of the charms: one base class, and the two meanings that a caller acts on.

`status.status_of` turns an error into the unit's status.
"""


class CharmError(Exception):
    """The base class of every error that a charm turns into a status.

    `str(error)` is the message for the status: the cause first, then the fix. Whatever else a
    caller or a test wants to know is an attribute of the subclass.
    """


class BlockedError(CharmError):
    """Waiting does not help: the administrator must change something. The unit is blocked."""


class WaitingError(CharmError):
    """The condition may clear by itself: the unit waits, and the next hook tries again."""
