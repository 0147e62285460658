"""The examples on the pages of the rules (docs/rules)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parents[2] / "docs/rules"
SECTIONS = ["Why it matters", "Example", "What to do"]
_EXAMPLE = re.compile(
    r"## Example\n\n(?:MAAS prints this:\n\n```json\n(?P<maas>.*?)```\n\n)?"
    r"(?:With Juju (?P<juju>\S+), t|T)his (?P<kind>layer|bundle)[^`]*? is reported at\n"
    r"`(?P<path>[^`]+)`:\n\n```yaml\n(?P<reported>.*?)```\n\n"
    r"This (?:layer|bundle) is not reported:\n\n```yaml\n(?P<accepted>.*?)```\n",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class RuleExample:
    """The example on the page of a rule.

    Attributes:
        rule_id: The id of the rule.
        path: The key at which the first text is reported.
        reported: A text that breaks the rule.
        accepted: A similar text that does not break the rule.
        is_layer: Whether both are layers over the example site; otherwise they are bundles.
        juju: The Juju release that the texts are for.
        maas: What MAAS prints; empty for texts that are not compared with MAAS.
    """

    rule_id: str
    path: str
    reported: str
    accepted: str
    is_layer: bool
    juju: str
    maas: str


def page_of(rule_id: str) -> str:
    """Return the page of a rule."""
    return (DIRECTORY / f"{rule_id}.md").read_text(encoding="utf-8")


def example_of(rule_id: str) -> RuleExample:
    """Return the example on the page of a rule."""
    match = _EXAMPLE.search(page_of(rule_id))
    assert match is not None, f"the page of {rule_id} has no example of the usual form"
    return RuleExample(
        rule_id,
        match["path"],
        match["reported"],
        match["accepted"],
        match["kind"] == "layer",
        match["juju"] or "2.9",
        match["maas"] or "",
    )


def example_site() -> str:
    """Return the site that the layers of the examples are for."""
    index = (DIRECTORY / "README.md").read_text(encoding="utf-8")
    return index.partition("## The example site")[2].split("```yaml\n")[1].partition("```")[0]
