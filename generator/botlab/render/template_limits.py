"""The limits of templates that may come from other people: steps, time, and sizes of texts."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from ..text_files import LARGEST_FILE
from .template_weights import weight_of

# The templates of this project take one step for each machine, and about 500 others.
MOST_STEPS = 1_000_000
# Steps with large texts take long. The templates of this project take less than a second. Only the
# time of the processor counts, so that a busy machine does not refuse a template.
MOST_SECONDS = 30.0
LARGEST_TEXT = LARGEST_FILE
# The largest template of this project has 7 kB.
LARGEST_TEMPLATE = 2**18
# A bundle that is much larger than its site would take minutes to check. The templates of this
# project write less than 30 characters for each value that they get.
CHARACTERS_OF_VALUE = 256


class TemplateLimitError(Exception):
    """A template that takes too many steps or too long, or makes a text that is too large."""


def largest_text(values: Mapping[str, Any]) -> int:
    """Return the number of characters that a template may write for some values."""
    return min(LARGEST_TEXT, LARGEST_TEMPLATE + CHARACTERS_OF_VALUE * weight_of(values))


class TemplateLimits:
    """The limits of one template, and how much of them is used."""

    def __init__(self) -> None:
        self._steps, self._end, self._largest = 0, math.inf, LARGEST_TEXT

    def start(self, values: Mapping[str, Any]) -> None:
        """Begin to measure the time, and limit texts by the values that the template gets."""
        self._end, self._largest = time.thread_time() + MOST_SECONDS, largest_text(values)

    def count_step(self) -> None:
        """Count a step.

        Raises:
            TemplateLimitError: When the template has taken too many, or too long.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TemplateLimitError(f"the template takes more than {MOST_STEPS} steps")
        if time.thread_time() > self._end:
            raise TemplateLimitError(f"the template takes more than {MOST_SECONDS:.0f} seconds")

    def check_size(self, size: int) -> None:
        """Check the number of characters of a text.

        Raises:
            TemplateLimitError: When a template must not make such a text.
        """
        if size > self._largest:
            raise TemplateLimitError(
                f"the template makes more than {self._largest} characters of text, the most for"
                " this site"
            )

    def checked(self, value: Any) -> Any:
        """Return a value that is not a text of more than the limit."""
        if isinstance(value, str):
            self.check_size(len(value))
        return value
