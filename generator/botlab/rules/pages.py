"""The pages that explain the rules: ``docs/rules/ID.md`` of a checkout, or their copy in a wheel.

A page is the only place of a rule's title and explanation. It starts with these lines::

    # BL031: Address pool overlaps addresses in use

    Severity: error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..catalogue.package_data import rule_pages_directory

_HEAD = re.compile(r"# (BL\d{3}): (.+)\n\nSeverity: (error|warning)\.\n")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True, slots=True)
class RulePage:
    """The page of a rule.

    Attributes:
        id: The id of the rule.
        title: What the rule finds.
        severity: The severity of its findings, as text.
        markdown: The whole page.
    """

    id: str
    title: str
    severity: str
    markdown: str

    def plain_text(self) -> str:
        """Return the page for a terminal: Markdown without links and code fences."""
        lines = _LINK.sub(r"\1", self.markdown).splitlines()
        is_code = False
        text: list[str] = []
        for line in lines:
            if line.startswith("```"):
                is_code = not is_code
            else:
                text.append(f"    {line}".rstrip() if is_code else line)
        return "\n".join(text)


def rule_pages() -> list[RulePage]:
    """Return all pages in the order of their ids."""
    return [_read(file) for file in sorted(rule_pages_directory().glob("BL*.md"))]


def find_rule_page(rule_id: str) -> RulePage | None:
    """Return the page of a rule; None when there is none."""
    if not re.fullmatch(r"BL\d{3}", rule_id, re.IGNORECASE | re.ASCII):
        return None
    file = rule_pages_directory() / f"{rule_id.upper()}.md"
    return _read(file) if file.is_file() else None


def _read(file: Path) -> RulePage:
    markdown = file.read_text("utf-8")
    head = _HEAD.match(markdown)
    if head is None:
        raise ValueError(f"{file} does not start like the page of a rule")
    return RulePage(head[1], head[2], head[3], markdown)
