"""Archives of kits with any damage."""

from __future__ import annotations

from collections.abc import Mapping

from botlab.kit.tar_format import header, padding

_BLOCK = 512
# The field of a header that has the sum of the other bytes (POSIX ustar).
_SUM = slice(148, 156)


def packed_kit(files: Mapping[str, bytes], damage: bytes) -> bytes:
    """Return the archive of a kit, some bytes of whose headers are replaced.

    Args:
        files: The content of its files.
        damage: Three bytes for each replaced byte of a header: its position, with the high byte
            first, and its new value. The sums of the headers are right again afterwards. One more
            byte cuts the archive off: 0 at its start, and 255 near its end.
    """
    headers = [header(f"kit/{name}", len(content), 0) for name, content in files.items()]
    blocks = bytearray(b"".join(headers))
    for index in range(0, len(damage) - 2, 3):
        position = int.from_bytes(damage[index : index + 2], "big")
        if blocks:
            blocks[position % len(blocks)] = damage[index + 2]
    packed, start = bytearray(), 0
    for block, content in zip(headers, files.values(), strict=True):
        packed += _with_sums(blocks[start : start + len(block)]) + content + padding(len(content))
        start += len(block)
    packed += bytes(2 * _BLOCK)
    if len(damage) % 3 == 1:
        del packed[len(packed) * damage[-1] // 256 :]
    return bytes(packed)


def _with_sums(blocks: bytearray) -> bytearray:
    """Return headers with the sums of their bytes."""
    for start in range(0, len(blocks), _BLOCK):
        block = blocks[start : start + _BLOCK]
        block[_SUM] = b" " * 8
        block[_SUM] = b"%06o\0 " % sum(block)
        blocks[start : start + _BLOCK] = block
    return blocks
