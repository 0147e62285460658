"""The mark in a PNG, by which botlab knows its own files."""

from __future__ import annotations

import struct
import zlib

from botlab import __version__
from botlab.picture.png_mark import add_png_mark, read_png_mark
from botlab.render.marker import digest


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


IMAGE = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\x00\x10\n\x30"))
    + chunk(b"IEND", b"")
)


def chunks(image: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG whose checksums are right."""
    position, found = 8, list[tuple[bytes, bytes]]()
    while position < len(image):
        (length,) = struct.unpack(">I", image[position : position + 4])
        kind, body = (
            image[position + 4 : position + 8],
            image[position + 8 : position + 8 + length],
        )
        assert image[position:].startswith(chunk(kind, body))
        found.append((kind, body))
        position += length + 12
    return found


def test_mark_is_a_text_chunk_behind_the_header() -> None:
    marked = add_png_mark(IMAGE, "the bundle")

    kinds = [kind for kind, _ in chunks(marked)]
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert chunks(marked)[1][1].startswith(f"Software\0botlab {__version__}; input ".encode())


def test_mark_is_read_back() -> None:
    mark = read_png_mark(add_png_mark(IMAGE, "the bundle"))

    assert mark is not None
    assert (mark.version, mark.source, mark.is_edited) == (
        __version__,
        digest("the bundle"),
        False,
    )


def test_edited_image_is_known() -> None:
    marked = add_png_mark(IMAGE, "the bundle")

    mark = read_png_mark(marked[:-20] + b"x" + marked[-19:])
    assert mark is not None
    assert mark.is_edited


def test_other_files_have_no_mark() -> None:
    assert read_png_mark(IMAGE) is None
    assert read_png_mark(b"") is None
    assert read_png_mark(add_png_mark(IMAGE, "x")[1:]) is None
