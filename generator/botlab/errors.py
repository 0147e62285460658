"""The errors that botlab raises on purpose."""

from __future__ import annotations

from pathlib import Path


class BotlabError(Exception):
    """Input that cannot be read, or output that must not be written.

    The command line prints ``str(error)`` and exits with ``exit_status``. A fault *inside* a
    readable site file or bundle is never raised: it is a :class:`botlab.findings.Finding`.

    Args:
        message: One sentence that says what is wrong, where, and how to fix it.
        file: The file that cannot be read, if the message names one.
        line: The line at which it cannot be read, from 1; 0 when it is not known.
        column: The column in that line, from 1; 0 when it is not known.

    Attributes:
        message: As in the arguments, and so are ``file``, ``line`` and ``column``.
        exit_status: The exit status of a command that ends with this error.
    """

    exit_status = 2

    def __init__(self, message: str, file: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column

    def as_json(self) -> dict[str, str | int | None]:
        """Return the stable JSON form. What is not known is null."""
        return {
            "message": self.message,
            "file": self.file or None,
            "line": self.line or None,
            "column": self.column or None,
        }


class FileError(BotlabError):
    """A file that cannot be read, or does not have the content that it should have.

    Args:
        file: The file. The message begins with it, and with the line if that is known.
        problem: What is wrong with it, and how to fix it.
        line: The line at which it is wrong, from 1; 0 when it is not known.
        column: The column in that line, from 1; 0 when it is not known.
    """

    def __init__(self, file: str | Path, problem: str, line: int = 0, column: int = 0) -> None:
        place = f"{file}:{line}" if line else str(file)
        super().__init__(f"{place}: {problem}", str(file), line, column)
