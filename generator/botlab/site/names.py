"""Names in the site file: applications, machines and image registries."""

from __future__ import annotations

from typing import Annotated

from .object_names import LABEL
from .text_format import TextFormat

# The last label of a host name begins with a letter, so that an IP address is not a host name.
HOST_NAME = rf"({LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?"


def optional_host_name(example: str) -> TextFormat:
    """Return the format of a host name that may be left out.

    Args:
        example: A host name, for the refusal of another text.
    """
    return TextFormat(
        rf"^({HOST_NAME})?$",
        "a host name",
        f"write one in lower-case letters, such as {example}",
    )


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
# Words that may follow an application's name and a hyphen.
WORDS = r"[0-9]*[a-z][a-z0-9]*(-[0-9]*[a-z][a-z0-9]*)*"

# MAAS host names are DNS labels (RFC 1123), and "." or ":" would clash with placements and paths.
# A name of digits alone is refused, because "0" would be read as a machine of the bundle.
MACHINE_NAME = TextFormat(
    r"^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    "a machine name",
    "write a host name of lower-case letters, digits and hyphens, with at least one letter",
)
MachineName = Annotated[str, MACHINE_NAME]
ApplicationName = Annotated[
    str,
    TextFormat(
        APPLICATION_NAME,
        "an application name",
        "use lower-case letters, digits and hyphens, with a letter in each word",
    ),
]
