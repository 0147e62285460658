"""Reading of text files that the user names."""

from __future__ import annotations

from pathlib import Path

from .errors import BotlabError
from .yaml_nodes import decode_text


def read_text(path: Path) -> str:
    """Read a file.

    Raises:
        BotlabError: When the file cannot be read or is not UTF-8.
    """
    try:
        return decode_text(path.read_bytes(), str(path))
    except OSError as error:
        raise BotlabError(f"{path}: cannot be read: {error.strerror}") from None
