"""The mark of a PNG that botlab wrote: a text chunk, which viewers ignore.

Source: the PNG specification (W3C, third edition), sections 5.3 and 11.3.3.2.
"""

from __future__ import annotations

import re
import zlib

from .. import __version__
from ..render.marker import Mark, digest

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The signature and the first chunk (IHDR), which must stay the first one.
_HEAD = len(_SIGNATURE) + 4 + 4 + 13 + 4
_TEXT = re.compile(
    rb".{4}tEXtSoftware\0botlab (\S+); input ([0-9a-f]{16}); text ([0-9a-f]{16}).{4}", re.DOTALL
)


def add_png_mark(image: bytes, source: str) -> bytes:
    """Return a PNG with the mark.

    Args:
        image: The PNG.
        source: The text that the image was made from. The mark holds its digest.
    """
    text = f"botlab {__version__}; input {digest(source)}; text {_digest(image)}"
    body = b"tEXtSoftware\0" + text.encode("ascii")
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return image[:_HEAD] + chunk + image[_HEAD:]


def read_png_mark(image: bytes) -> Mark | None:
    """Return the mark of a PNG; None if it has none, or is not a PNG."""
    match = _TEXT.match(image, _HEAD) if image.startswith(_SIGNATURE) else None
    if match is None:
        return None
    version, source, own = (group.decode("ascii") for group in match.groups())
    rest = image[:_HEAD] + image[match.end() :]
    return Mark(version, source, is_edited=_digest(rest) != own)


def _digest(image: bytes) -> str:
    return digest(image.decode("latin-1"))
