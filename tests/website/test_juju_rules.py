"""The page about the rules of Juju itself."""

from __future__ import annotations

from pathlib import Path

from botlab.rules.juju.fixes import FIXES
from website.juju_rules import page


def test_rule_has_a_section_with_what_to_do() -> None:
    text = page({"J051": "write the placement as 0 or new"})

    assert text.startswith("# Juju's own rules\n")
    assert text.endswith("\n\n## J051\n\nWrite the placement as 0 or new.\n")


def test_site_has_a_section_for_each_rule(site: Path) -> None:
    """The page about all rules and its menu lead there."""
    text = (site / "rules/juju.html").read_text("utf-8")

    assert [rule for rule in FIXES if f'id="{rule.lower()}"' not in text] == []
    assert 'href="juju.html"' in (site / "rules/index.html").read_text("utf-8")
