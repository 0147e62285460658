"""The conversation with the person who runs a command."""

from __future__ import annotations

import sys
from typing import TextIO

from ..errors import BotlabError
from .output import flush_streams, print_line, write


class TerminalDialogue:
    """Prints lines, and asks questions on the terminal.

    Args:
        stream: The stream of the lines. Questions go to standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, line: str = "") -> None:
        """Print a line at once, because the next step can take long."""
        print_line(line, stream=self._stream)
        flush_streams()

    def confirm(self, question: str) -> bool:
        """Ask a question on the terminal.

        Raises:
            BotlabError: When standard input is not a terminal.
        """
        if not _is_terminal(sys.stdin):
            raise BotlabError(
                "nobody can confirm the changes, because standard input is not a terminal; read"
                " them above, and add --yes to make them"
            )
        write(f"{question} [y/N] ", sys.stderr)
        flush_streams()
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
