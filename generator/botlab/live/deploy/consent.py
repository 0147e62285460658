"""The consent to changes of a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Dialogue(Protocol):
    """The conversation with the person who runs the command."""

    def show(self, line: str = "") -> None:
        """Print a line."""
        ...

    def confirm(self, question: str) -> bool:
        """Ask a question, and return whether the answer is yes.

        Raises:
            BotlabError: When nobody can answer, because standard input is not a terminal.
        """
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agrees to which changes.

    Attributes:
        dialogue: The conversation.
        is_given: Whether the user agreed in advance to everything that removes nothing.
        includes_removals: Whether the user agreed in advance to removals too.
    """

    dialogue: Dialogue
    is_given: bool = False
    includes_removals: bool = False

    def show(self, lines: Iterable[str]) -> None:
        """Print lines."""
        for line in lines:
            self.dialogue.show(line)

    def to(self, question: str) -> bool:
        """Return whether the user agrees to changes that remove nothing."""
        return self.is_given or self.dialogue.confirm(question)

    def to_removals(self, question: str) -> bool:
        """Return whether the user agrees to removals. ``--yes`` alone is no such consent."""
        if self.is_given:
            return self.includes_removals
        return self.dialogue.confirm(question)
