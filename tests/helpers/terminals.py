"""A stream that says that it is a terminal."""

from __future__ import annotations

import io


class Terminal(io.StringIO):
    """A terminal in memory: what is written to it is kept, and a text may be typed in advance."""

    def isatty(self) -> bool:
        """Return True."""
        return True
