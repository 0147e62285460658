"""What every part of the site model shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic
from pydantic_core import CoreSchema, core_schema


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


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a text: in an annotation it refuses any other, in words for people.

    Attributes:
        pattern: The whole text, as a regular expression; the JSON Schema has it too.
        words: What a text of another form is not, and what to write instead.
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> CoreSchema:
        """Look at the text after pydantic has it."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the pattern."""
        return {**handler(schema), "pattern": self.pattern}

    def fits(self, text: str) -> bool:
        """Tell whether a text is of the form."""
        return re.fullmatch(self.pattern, text) is not None

    def _check(self, text: str) -> str:
        if not self.fits(text):
            raise ValueError(self.words)
        return text


# What the four charms of this suite that pull images all take as image-registry; of a name that an
# image's own path follows, Docker's grammar takes small letters alone (distribution/reference).
Registry = Annotated[
    str,
    Form(
        r"^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[a-z0-9._-]+)*)?$",
        "no registry; write HOST:PORT/PATH without https:// and without / at its end",
    ),
]


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
ApplicationName = Annotated[
    str,
    Form(
        APPLICATION_NAME,
        "no application's name; use small letters, digits and hyphens, with a letter in each word",
    ),
]
