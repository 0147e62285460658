"""A machine that is a directory, with scripted commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labcharm.machine import Machine, Result

Answer = str | Result | Callable[[list[str]], "str | Result"]


class FakeMachine(Machine):
    """Files below a directory, and commands that are answered from a table and recorded.

    Attributes:
        answers: The result of each command, by the beginning of its command line.
        commands: The commands that were run, in order.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.answers: dict[str, Answer] = {}
        self.commands: list[list[str]] = []

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer by the longest matching beginning, otherwise with no output and status 0."""
        words = command[2:] if command[0] == "env" else command
        self.commands.append(words)
        text = " ".join(words)
        starts = [start for start in self.answers if text.startswith(start)]
        answer = self.answers[max(starts, key=len)] if starts else ""
        output = answer(words) if callable(answer) else answer
        return Result(0, output, "") if isinstance(output, str) else output

    def ran(self, start: str) -> list[str]:
        """Return the commands that begin with a text, as texts."""
        texts = [" ".join(command) for command in self.commands]
        return [text for text in texts if text.startswith(start)]
