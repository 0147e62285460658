"""The error type that botlab raises on purpose."""

from __future__ import annotations


class BotlabError(Exception):
    """Input that cannot be read, or output that must not be written.

    The command line prints ``str(error)`` and exits with ``exit_status``. A fault *inside* a
    readable site file or bundle is never raised: it is a :class:`botlab.findings.Finding`.

    Args:
        message: One sentence that says what is wrong, where, and how to fix it.

    Attributes:
        exit_status: The exit status of a command that ends with this error.
    """

    exit_status = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
