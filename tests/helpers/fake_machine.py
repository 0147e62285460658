"""A machine that is a folder with scripted commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labcharm.machine import Machine, Result

Answer = str | Result | Callable[[list[str]], "str | Result"]


class FakeMachine(Machine):
    """Files below a temporary folder; commands answered from a table and written down."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.answers: dict[str, Answer] = {}
        self.commands: list[list[str]] = []

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer with the longest beginning that the table knows; else nothing, code 0."""
        words = command[2:] if command[0] == "env" else command
        self.commands.append(words)
        text = " ".join(words)
        known = [start for start in self.answers if text.startswith(start)]
        answer = self.answers[max(known, key=len)] if known else ""
        found = answer(words) if callable(answer) else answer
        return Result(0, found, "") if isinstance(found, str) else found

    def ran(self, start: str) -> list[str]:
        """Return the commands with a beginning, as texts."""
        texts = [" ".join(command) for command in self.commands]
        return [text for text in texts if text.startswith(start)]
