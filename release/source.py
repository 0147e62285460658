"""The version and the date of the source that a release is made from."""

from __future__ import annotations

import os
from pathlib import Path

from packaging.version import InvalidVersion, Version

from checkout import Checkout

_MODULE = "generator/botlab/__init__.py"
# The earliest date that zip can write.
EARLIEST = 315532800


class SourceError(Exception):
    """A source or an environment from which no release can be made."""


def source_version(root: Path) -> str:
    """Return the version of the package without importing it.

    Raises:
        SourceError: When the names of the built files would have another version.
    """
    text = (root / _MODULE).read_text(encoding="utf-8")
    version = text.partition('__version__ = "')[2].partition('"')[0]
    if not version or _normalized(version) != version:
        raise SourceError(
            f'{_MODULE}: __version__ "{version}" is not a version in its normal form; write it as'
            " 1.2.0 or 1.2.0rc1"
        )
    return version


def _normalized(version: str) -> str:
    """Return a version as the names of wheels have it; empty for any other text."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return ""


def source_date(root: Path) -> int:
    """Return the time at which the files are dated, in seconds since 1970.

    It is SOURCE_DATE_EPOCH, or the time of the last commit, or the time of PKG-INFO, which only a
    source distribution has.

    Raises:
        SourceError: When SOURCE_DATE_EPOCH is not a number.
        CheckoutError: When git cannot read the checkout.
    """
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    time = _seconds(named) if named else Checkout(root).commit_time()
    if time is None:
        info = root / "PKG-INFO"
        time = int(info.stat().st_mtime) if info.is_file() else EARLIEST
    return max(time, EARLIEST)


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise SourceError(
            f"SOURCE_DATE_EPOCH: {text} is not a number of seconds since 1970; correct or unset it"
        )
    return int(text)
