"""Versions of Juju's client and controllers."""

from __future__ import annotations

import re

from ...juju import Juju
from ..errors import UnsupportedError

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})")


def major(version: str) -> int:
    """Return the major version, such as 3 for ``3.6.11``; 0 if the text is not a version."""
    match = _VERSION.match(version)
    return int(match[1]) if match else 0


def release_line(version: str) -> Juju:
    """Return the release line whose rules apply to a version.

    botlab knows the rules of a few release lines. Another one of the same major version, such as
    3.4, gets those of the nearest.

    Raises:
        UnsupportedError: When botlab does not know the major version.
    """
    match = _VERSION.match(version)
    release = int(match[1]) if match else 0
    minor = int(match[2]) if match else 0
    lines = {2: Juju.V2_9 if minor >= 9 else Juju.V2_6, 3: Juju.V3_6, 4: Juju.V4_0}
    if release not in lines or (release == 2 and minor < 6):
        supported = ", ".join(line.value for line in Juju)
        raise UnsupportedError(
            f"Juju {version} is not supported; botlab works with controllers of Juju {supported}"
        )
    return lines[release]
