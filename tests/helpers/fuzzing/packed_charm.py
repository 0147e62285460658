"""Charm archives with any damage."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def packed_charm(files: Mapping[str, bytes], damage: bytes) -> bytes:
    """Return a charm archive, some bytes of which are replaced.

    Args:
        files: The content of the archive's files. They are stored without compression.
        damage: Three bytes for each replaced byte: its position, with the high byte first, and its
            new value. One more byte cuts the archive off: 0 at its start, and 255 near its end.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    packed = bytearray(buffer.getvalue())
    for index in range(0, len(damage) - 2, 3):
        position = int.from_bytes(damage[index : index + 2], "big")
        # The end of an archive has its directory, which decides how the rest is read.
        packed[-1 - position % len(packed)] = damage[index + 2]
    if len(damage) % 3 == 1:
        del packed[len(packed) * damage[-1] // 256 :]
    return bytes(packed)
