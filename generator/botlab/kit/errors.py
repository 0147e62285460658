"""The error of a kit that cannot be made or does not fit its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BotlabError


class KitError(BotlabError):
    """A kit that cannot be made, with every reason.

    Attributes:
        reasons: The reasons, one for each line of the message.
    """

    exit_status = 1

    def __init__(self, subject: str, reasons: Sequence[str]) -> None:
        self.subject, self.reasons = subject, list(reasons)
        super().__init__(f"{subject}: {'; '.join(self.reasons)}")
