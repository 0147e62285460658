"""A comparison as lines of text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .compare import Comparison
from .differences import Difference, JujuCommand, Remedy

_HEADINGS = {
    "added": "missing in the model:",
    "changed": "different (model -> site):",
    "removed": "only in the model:",
}


def comparison_lines(comparison: Comparison, deploy: str, model: str = "") -> Iterator[str]:
    """Yield the lines that show a comparison to people.

    Args:
        comparison: The comparison.
        deploy: The command that deploys the lab.
        model: The model that commands name; empty for the current one.
    """
    if not comparison.differences:
        yield "No differences."
        return
    yield from difference_lines(comparison)
    commands = _commands(comparison, deploy, model)
    if commands:
        yield "to change the model to what the site says, run these commands in this order:"
        yield from (f"  {command}  # {why}" for command, why in commands)


def difference_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the lines with the differences, without the commands."""
    for change, heading in _HEADINGS.items():
        differences = [one for one in comparison.differences if one.delta.change == change]
        if differences:
            yield heading
            yield from (f"  {_text(difference)}" for difference in differences)


def comparison_json(comparison: Comparison, deploy: str, model: str = "") -> dict[str, Any]:
    """Return the stable JSON form of a comparison: the keys of ``botlab diff``, and more.

    Args:
        comparison: The comparison.
        deploy: The command that deploys the lab.
        model: The model that commands name; empty for the current one.
    """
    report: dict[str, Any] = {
        "ok": not comparison.differences,
        "added": [],
        "changed": [],
        "removed": [],
    }
    for difference in comparison.differences:
        report[difference.delta.change].append(_json(difference))
    commands = _commands(comparison, deploy, model)
    report["commands"] = [{"command": command, "why": why} for command, why in commands]
    report["notes"] = list(comparison.notes)
    return report


def _json(difference: Difference) -> dict[str, Any]:
    delta = difference.delta
    entry = {"kind": delta.kind, "name": delta.name}
    if delta.field:
        entry |= {"field": delta.field, "old": delta.old, "new": delta.new}
    return {**entry, "remedy": difference.remedy.value, "advice": difference.advice}


def _text(difference: Difference) -> str:
    advice = f" ({difference.advice})" if difference.advice else ""
    return f"{difference.delta}{advice}"


def _commands(comparison: Comparison, deploy: str, model: str) -> list[tuple[str, str]]:
    """Return the commands with their reasons.

    If the bundle must be deployed, commands that do a part of it would fail or do it twice.
    """
    commands = comparison.commands()
    if not comparison.needs_deploy:
        return [_described(command, model) for command in commands]
    beside = comparison.commands_beside_deploy()
    first = [_described(command, model) for command in beside if command.stage.precedes_deploy]
    later = [_described(command, model) for command in beside if not command.stage.precedes_deploy]
    return [*first, (deploy, "this deploys what is missing, and changes what deploy can"), *later]


def _described(command: JujuCommand, model: str) -> tuple[str, str]:
    return command.text(model), command.why


def has_impossible(comparison: Comparison) -> bool:
    """Return whether some difference cannot be ended by any command."""
    return any(difference.remedy is Remedy.NOTHING for difference in comparison.differences)
