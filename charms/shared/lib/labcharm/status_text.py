"""Statuses that `juju status` shows as a whole. The whole text goes to the log of the unit."""

import logging

from ops.model import StatusBase, Unit

from labcharm.text import SEE_LOG, STATUS_LIMIT, shorten

_logger = logging.getLogger(__name__)


def set_status(unit: Unit, status: StatusBase, summary: str = "") -> None:
    """Set a unit's status with a short text, and log a text that is longer.

    Args:
        unit: The unit.
        status: The status, whose text has any length.
        summary: What is shown in place of a text that is too long; empty for its beginning.
    """
    unit.status = fitting_status(status, summary)


def fitting_status(
    status: StatusBase, summary: str = "", more: str = SEE_LOG, drops_middle: bool = True
) -> StatusBase:
    """Return a status with a short text, and log a text that is longer.

    Args:
        status: The status, whose text has any length.
        summary: What is shown in place of a text that is too long; empty for its beginning.
        more: What follows a text that ends early.
        drops_middle: Whether an error may be shown without its middle (see `text.shorten`).
    """
    text = status.message
    if len(text) > STATUS_LIMIT:
        text = shorten(summary or text, more=more, drops_middle=drops_middle)
    if text == status.message:
        return status
    _logger.warning("status %s: %s", status.name, status.message)
    return StatusBase.from_name(status.name, text)
