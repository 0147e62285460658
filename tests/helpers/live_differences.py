"""Differences between a lab and a model, in the form that tests compare."""

from __future__ import annotations

from collections.abc import Iterable

from botlab.live.comparison import Difference


def summary(differences: Iterable[Difference]) -> tuple[list[str], list[str]]:
    """Return the texts of differences, and their commands without repetition."""
    entries = list(differences)
    commands = {command.text(): None for entry in entries for command in entry.commands}
    return [str(entry.delta) for entry in entries], list(commands)
