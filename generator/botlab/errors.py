"""The one error type that botlab raises on purpose."""

from __future__ import annotations


class BotlabError(Exception):
    """Input that cannot be read, or output that may not be written.

    The command line prints ``str(error)`` and exits with 2. What is wrong *inside* a readable
    site or bundle is never raised: it is a :class:`botlab.findings.Finding`.

    Args:
        message: One sentence: what is wrong, where, and what mends it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
