"""Formats of strings: a regular expression with an explanation for people."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The rules about a bundle use formats without loading pydantic, which takes 90 ms.
    import pydantic
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class TextFormat:
    """The format of a string. As an annotation it refuses strings of other formats.

    Attributes:
        pattern: A regular expression for the whole text, which the JSON Schema holds too.
        description: What a string of the format is, such as ``an e-mail address``.
        advice: What to write instead of a string of another format.
    """

    pattern: str
    description: str
    advice: str

    @property
    def problem(self) -> str:
        """What is wrong with a string of another format: ``not an e-mail address``."""
        return f"not {self.description}"

    @property
    def refusal(self) -> str:
        """What is wrong with a string of another format, and what to write instead."""
        return f"{self.problem}; {self.advice}"

    def or_empty(self, advice: str = "") -> TextFormat:
        """Return the format of a text of this format or an empty one.

        Args:
            advice: The advice; empty for that of this format.
        """
        inner = self.pattern.removeprefix("^").removesuffix("$")
        return dataclasses.replace(self, pattern=f"^({inner})?$", advice=advice or self.advice)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> CoreSchema:
        """Check the text after pydantic has validated it."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the pattern to the JSON Schema."""
        return {**handler(schema), "pattern": self.pattern}

    def fits(self, text: str) -> bool:
        """Return whether a string has the format."""
        return re.fullmatch(self.pattern, text) is not None

    def _check(self, text: str) -> str:
        if not self.fits(text):
            raise ValueError(self.refusal)
        return text
