"""PNG files, decoded to the colours of their pixels."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """A decoded PNG.

    Attributes:
        width: Its width.
        height: Its height.
        rows: The bytes of its rows: three for each pixel.
    """

    width: int
    height: int
    rows: list[bytes]

    def colour(self, x: int, y: int) -> str:
        """Return the colour of a pixel, such as ``#ffffff``."""
        return f"#{self.rows[y][3 * x : 3 * x + 3].hex()}"

    def colours(self, x: int, y: int, width: int, height: int) -> set[str]:
        """Return the colours in a rectangle."""
        return {
            self.colour(column, row)
            for row in range(y, y + height)
            for column in range(x, x + width)
        }


def read_image(content: bytes) -> Image:
    """Decode a PNG with eight bits for each of red, green and blue, and no interlacing."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    position, packed, width, height, size = 8, b"", 0, 0, 3
    while position < len(content):
        (length,) = struct.unpack(">I", content[position : position + 4])
        kind = content[position + 4 : position + 8]
        body = content[position + 8 : position + 8 + length]
        position += length + 12
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, interlaced) == (8, 0)
            size = {2: 3, 6: 4}[colours]
        packed += body if kind == b"IDAT" else b""
    rows = _unfiltered(zlib.decompress(packed), width * size, height, size)
    if size == 4:
        rows = [bytes(byte for at, byte in enumerate(row) if at % 4 != 3) for row in rows]
    return Image(width, height, rows)


def _unfiltered(data: bytes, length: int, height: int, size: int) -> list[bytes]:
    """Undo the filters of the rows (PNG specification, section 9)."""
    rows: list[bytes] = []
    previous = bytes(length)
    for start in range(0, (length + 1) * height, length + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        if kind == 2:  # the row above, which is most of a picture
            row = bytearray((a + b) & 255 for a, b in zip(row, previous, strict=True))
        elif kind:
            for at in range(length):
                left = row[at - size] if at >= size else 0
                corner = previous[at - size] if at >= size else 0
                row[at] = (row[at] + _predicted(kind, left, previous[at], corner)) & 255
        previous = bytes(row)
        rows.append(previous)
    return rows


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 4:
        estimate = left + above - corner
        return min((left, above, corner), key=lambda byte: abs(estimate - byte))
    return (0, left, above, (left + above) // 2)[kind]
