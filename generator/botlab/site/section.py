"""The base class of the site file's sections."""

from __future__ import annotations

import pydantic

# Pydantic ends the location of an error about a key of a mapping with it.
NAME_MARK = "[key]"


def _with_hyphens(name: str) -> str:
    return name.replace("_", "-")


class Section(pydantic.BaseModel):
    """A mapping of the site file.

    Sections are immutable, refuse unknown keys, and spell their keys with hyphens.

    The same model serves validation, the JSON Schema, the commented starter file and the
    reference of keys. Every field therefore has a description, and has examples where the default
    alone does not show the format.
    """

    model_config = pydantic.ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=_with_hyphens,
        str_strip_whitespace=True,
    )
