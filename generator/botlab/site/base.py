"""What every part of the site model shares."""

from __future__ import annotations

import re
from typing import Annotated

import pydantic


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class Part(pydantic.BaseModel):
    """A mapping of the site file: immutable, unknown keys refused, keys spelt with hyphens.

    The one model serves four readers: validation, the JSON Schema, the commented starter file
    and the option reference. So every field carries its description, and examples where the
    default alone does not show the form.
    """

    model_config = pydantic.ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=_hyphens,
        populate_by_name=True,
        str_strip_whitespace=True,
    )


# Juju's grammar of an application or charm name (juju/names: a word of the name must not be all
# digits, so that "etcd-1" is left to units).
APPLICATION_NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$"

# A machine name of the site file: MAAS takes a DNS label as a host name (RFC 1123), and "." or
# ":" would clash with placements and paths. A name of digits alone is refused, because "0"
# would be read as a bundle machine.
_MACHINE_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _machine_name(name: str) -> str:
    if not _MACHINE_NAME.fullmatch(name):
        raise ValueError(
            "no machine name; use a host name of small letters, digits and hyphens with at least"
            " one letter"
        )
    return name


MachineName = Annotated[str, pydantic.AfterValidator(_machine_name)]
ApplicationName = Annotated[str, pydantic.StringConstraints(pattern=APPLICATION_NAME)]
