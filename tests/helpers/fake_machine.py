"""A machine that is a directory with scripted commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labcharm.machine import CommandResult, Machine

Answer = str | CommandResult | Callable[[list[str]], "str | CommandResult"]


class FakeMachine(Machine):
    """Files below a temporary directory, and commands that are answered from a table and recorded.

    Attributes:
        answers: What a command answers, by the words with which it begins: the text that it
            prints, a whole result, or a function that makes either from the command's words.
        commands: The commands that were run, without `env`.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.answers: dict[str, Answer] = {}
        self.commands: list[list[str]] = []

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Answer by the longest matching entry of the table; without one, nothing and code 0."""
        words = command[2:] if command[0] == "env" else command
        self.commands.append(words)
        text = " ".join(words)
        matches = [beginning for beginning in self.answers if text.startswith(beginning)]
        answer = self.answers[max(matches, key=len)] if matches else ""
        output = answer(words) if callable(answer) else answer
        return CommandResult(0, output, "") if isinstance(output, str) else output

    def ran(self, beginning: str) -> list[str]:
        """Return the commands that begin with these words."""
        texts = [" ".join(command) for command in self.commands]
        return [text for text in texts if text.startswith(beginning)]
