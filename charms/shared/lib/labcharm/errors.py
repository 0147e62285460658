"""The errors of the charms: one base class, and the two meanings that a caller acts on.

`status.status_of` turns an error into the unit's status.
"""

from contextlib import contextmanager
from typing import Callable, Iterator

from labcharm.urls import redact


class CharmError(Exception):
    """The base class of every error that a charm turns into a status.

    `str(error)` is the message for the status: the cause first, then the fix. Whatever else a
    caller or a test wants to know is an attribute of the subclass. URLs in the message show
    neither credentials nor a query.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(redact(str(message)))


class BlockedError(CharmError):
    """Waiting does not help: the administrator must change something. The unit is blocked."""


class WaitingError(CharmError):
    """The condition may clear by itself: the unit waits, and the next hook tries again."""


def error_message(error: Exception) -> str:
    """Return an error's message for people.

    The message of an OSError is "FILE: REASON", without the number of the error.
    """
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)


@contextmanager
def log_on_error(log: Callable[[str], None], effect: str) -> Iterator[None]:
    """Log an error of a block, so that what follows the block runs all the same.

    The steps of a removal need this. With an error in `stop`, Juju does not continue the removal,
    and the credentials stay on the machine.

    Args:
        log: Writes a line to the unit's log.
        effect: What an error means, such as "the exports remain".
    """
    try:
        yield
    except (CharmError, OSError) as error:
        log(f"{effect}: {error_message(error)}")
