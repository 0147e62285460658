"""The comparison of botlab's judgements with those of Juju's own packages."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Judgement = dict[str, Any]
Judge = Callable[[list[dict[str, Any]]], list[Judgement]]

# Go takes the entries of a map in another order each time, and often reports only the first fault.
REPETITIONS = 24
# The arguments of changes have Juju's own form only where Juju hands them out (the GUI's form).
RELEASES_WITH_ARGUMENTS = {"2.6", "2.9"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A bundle about which botlab and Juju disagree, and in what."""

    request: dict[str, Any]
    kind: str
    juju: Any
    botlab: Any

    def __str__(self) -> str:
        parts = [f"{self.kind}: {self.request['path']}"]
        parts += [f"  overlay: {path}" for path in self.request.get("overlays") or ()]
        for name, value in (("juju", self.juju), ("botlab", self.botlab)):
            lines = value if isinstance(value, list) else [value]
            parts += [f"  {name}:", *(f"    {line}" for line in lines)]
        return "\n".join(parts)


@dataclass(slots=True)
class Agreement:
    """What was compared, and with what result."""

    bundles: int = 0
    refused: int = 0
    panics: int = 0
    changes: int = 0
    differences: list[Difference] = dataclasses.field(default_factory=list[Difference])

    def __str__(self) -> str:
        kinds = [difference.kind for difference in self.differences]
        counts = ", ".join(f"{kinds.count(kind)} in {kind}" for kind in sorted(set(kinds)))
        return (
            f"{self.bundles} bundles: {self.refused} refused by Juju, {self.panics} of them by a"
            f" panic; {self.changes} change lists; {len(kinds)} differences"
            + (f" ({counts})" if counts else "")
        )


def compare(
    requests: Sequence[dict[str, Any]], release: str, juju: Judge, botlab: Judge
) -> Agreement:
    """Compare the judgements about some bundles.

    Args:
        requests: The bundles.
        release: The release line, such as ``3.6``.
        juju: Juju's own judge.
        botlab: botlab's judge.
    """
    agreement = Agreement()
    pairs = zip(requests, juju(list(requests)), botlab(list(requests)), strict=True)
    for request, theirs, ours in pairs:
        agreement.bundles += 1
        agreement.refused += bool(theirs["stage"])
        agreement.panics += theirs["stage"] == "panic"
        difference = _difference(request, release, theirs, ours, juju)
        if difference is not None:
            agreement.differences.append(difference)
        elif not theirs["stage"] and ours["changes"] is not None:
            agreement.changes += 1
    return agreement


def _difference(
    request: dict[str, Any], release: str, theirs: Judgement, ours: Judgement, juju: Judge
) -> Difference | None:
    if theirs["stage"] == "panic":
        is_error = ours["errors"] or ours["messages"]
        return None if is_error else Difference(request, "verdict", theirs["refusal"], "accepted")
    if bool(theirs["stage"]) != bool(ours["messages"]):
        verdict = ours["messages"] or ours["errors"] or "accepted"
        return Difference(request, "verdict", theirs["refusal"] or "accepted", verdict)
    if theirs["stage"]:
        return _message_difference(request, theirs, ours, juju)
    if ours["changes"] is None:
        return (
            None if ours["deploy"] else Difference(request, "errors", "accepted", ours["errors"])
        )
    return _change_difference(request, release, theirs, ours, juju)


def _message_difference(
    request: dict[str, Any], theirs: Judgement, ours: Judgement, juju: Judge
) -> Difference | None:
    messages = _lines(ours["messages"])
    if messages == _lines(theirs["messages"]):
        return None
    others = [_lines(other["messages"]) for other in juju([request] * REPETITIONS)]
    if messages in others:
        return None
    return Difference(request, "messages", _lines(theirs["messages"]), messages)


def _lines(messages: Sequence[str]) -> list[str]:
    return sorted(line for message in messages for line in message.split("\n"))


def _change_difference(
    request: dict[str, Any], release: str, theirs: Judgement, ours: Judgement, juju: Judge
) -> Difference | None:
    fields = ["id", "method", "requires", "description"]
    if release in RELEASES_WITH_ARGUMENTS:
        fields.append("args")
    expected, texts = (_texts(side["changes"] or [], fields) for side in (theirs, ours))
    if texts == expected:
        return None
    others = juju([request] * REPETITIONS)
    if any(texts == _texts(other["changes"] or [], fields) for other in others):
        return None
    only = [text for text in expected if text not in texts] or expected
    added = [text for text in texts if text not in expected] or texts
    return Difference(request, "changes", only, added)


def _texts(changes: Sequence[dict[str, Any]], fields: Sequence[str]) -> list[str]:
    """Return a change as a text; the order of what it requires has no meaning."""
    return [
        str(
            [_plain({**change, "requires": sorted(change["requires"])}[field]) for field in fields]
        )
        for change in changes
    ]


def _plain(value: Any) -> Any:
    """Return a value without what JSON and Go write differently.

    Mappings have no order, numbers have no type, and an empty list may be null.
    """
    if isinstance(value, dict):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list):
        return [_plain(item) for item in value] or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    is_number = math.isfinite(value)
    return float(value) if is_number else {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
