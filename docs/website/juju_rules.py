"""The page about the rules of Juju itself. Juju has the messages, and botlab what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

NAME = PurePosixPath("rules/juju.md")
_INTRODUCTION = """\
# Juju's own rules

botlab reports what Juju itself would refuse, in Juju's own words, with the id of a rule. This page
describes what to do about each. [The page about all rules](index.md) explains when Juju prints the
message."""


def page(fixes: Mapping[str, str]) -> str:
    """Return the page as Markdown.

    Args:
        fixes: For each id of a rule, what to do; a part of a sentence.
    """
    sections = [f"## {rule}\n\n{fix[0].upper()}{fix[1:]}." for rule, fix in fixes.items()]
    return "\n\n".join([_INTRODUCTION, *sections]) + "\n"


def listing() -> str:
    """Return the section of the page about all rules that leads to this page."""
    return f"## Rules of Juju\n\n- [Juju's own rules]({NAME.name}): what to do about each.\n"
