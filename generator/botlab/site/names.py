"""Names in the site file: applications, machines and image registries."""

from __future__ import annotations

import re
from typing import Annotated

import pydantic

from .text_format import TextFormat

# All charms of this suite that pull images accept these values for `image-registry`. An image's
# path follows the registry, and Docker's grammar allows no upper-case letters in it
# (distribution/reference).
Registry = Annotated[
    str,
    TextFormat(
        r"^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[a-z0-9._-]+)*)?$",
        "an image registry",
        "write HOST:PORT/PATH, without https:// and without a slash at the end",
    ),
]

# Juju's grammar of application and charm names (juju/names). No word of a name may consist of
# digits alone, because "etcd-1" would look like a unit.
APPLICATION_NAME = r"^[a-z][a-z0-9]*(-[0-9]*[a-z][a-z0-9]*)*$"

# MAAS host names are DNS labels (RFC 1123), and "." or ":" would clash with placements and paths.
# A name of digits alone is refused, because "0" would be read as a machine of the bundle.
_MACHINE_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _check_machine_name(name: str) -> str:
    if not _MACHINE_NAME.fullmatch(name):
        raise ValueError(
            "not a machine name; write a host name of lower-case letters, digits and hyphens,"
            " with at least one letter"
        )
    return name


MachineName = Annotated[str, pydantic.AfterValidator(_check_machine_name)]
ApplicationName = Annotated[
    str,
    TextFormat(
        APPLICATION_NAME,
        "an application name",
        "use lower-case letters, digits and hyphens, with a letter in each word",
    ),
]
