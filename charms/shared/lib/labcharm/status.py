"""The status of a unit whose hook ended with an error."""

from ops.model import BlockedStatus, StatusBase, WaitingStatus

from labcharm.errors import BlockedError, error_message
from labcharm.machine import CommandError


def status_of(error: Exception) -> StatusBase:
    """Return the status of a unit whose hook ended with an error.

    A BlockedError means that the administrator must act; any other error may clear by itself.
    """
    if isinstance(error, BlockedError):
        return BlockedStatus(str(error))
    if isinstance(error, (CommandError, OSError)):
        return WaitingStatus(f"{error_message(error)}; the next hook tries again")
    return WaitingStatus(str(error))
