"""The errors of archives: gzip, tar and zip raise many classes for a damaged file."""

import contextlib
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from typing import Iterator

from labcharm.errors import BlockedError

# What the modules raise for damaged files, beside OSError: zlib.error where a gzip stream is
# damaged inside, LZMAError for xz, struct.error for headers that end early, ValueError for numbers
# and names that cannot be decoded, OverflowError for sizes, RuntimeError and NotImplementedError
# for encrypted zip files and unknown compressions.
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    RuntimeError,
)

_BLOCK = 2**20


class ArchiveError(BlockedError):
    """An archive that cannot be used; the message says why and what to provide instead."""


@contextlib.contextmanager
def archive_errors(path: str, fix: str) -> Iterator[None]:
    """Turn whatever a `with` block raises for a damaged archive into an ArchiveError.

    Args:
        path: The archive; the error has its file name.
        fix: What to provide instead, as an imperative.
    """
    name = os.path.basename(path)
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveError(f"{name} cannot be unpacked ({_cause(error)}); {fix}") from None
    except OSError as error:
        if error.errno is None:  # gzip and bz2 raise it for a damaged file
            raise ArchiveError(f"{name} cannot be unpacked ({_cause(error)}); {fix}") from None
        raise ArchiveError(f"{name} cannot be unpacked: {error.strerror}") from None


def check_end(tar: tarfile.TarFile) -> None:
    """Check that the members that were read are all that the archive holds.

    tarfile takes a damaged header for the end of the archive. The checksum of a gzip file stands
    behind the last byte, so it is not compared before that is read.

    Args:
        tar: An archive whose members were all read.

    Raises:
        tarfile.ReadError, or what the decompression raises: When the archive is damaged.
    """
    stream = tar.fileobj
    assert stream is not None
    for block in iter(lambda: stream.read(_BLOCK), b""):
        if block.strip(b"\0"):
            raise tarfile.ReadError("a header in it is damaged")


def _cause(error: Exception) -> str:
    cause = " ".join(str(error).split())[:200]
    if cause.startswith("file could not be opened"):  # tarfile lists what it tried
        return "it is not an archive"
    return cause or type(error).__name__
