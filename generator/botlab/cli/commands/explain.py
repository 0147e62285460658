"""The command ``botlab explain``."""

from __future__ import annotations

import argparse
import textwrap

from ...catalogue.profiles import load_profile, profile_names
from ...errors import BotlabError
from ...findings import suggest
from ...rules.juju.fixes import FIXES
from ...rules.pages import find_rule_page, rule_pages
from ...site.fields import example_at, field_at
from ...site.model import Site
from ..output import print_line


def run(args: argparse.Namespace) -> int:
    """Explain a rule, a key of the site file, or the profiles."""
    topic: str = args.topic
    if topic in ("", "rules"):
        lines = _rules()
    elif topic == "profiles":
        lines = _profiles()
    else:
        lines = _rule(topic) or _juju_rule(topic) or _key(topic)
    if not lines:
        message = f"{topic!r} is neither a rule nor a key of the site file"
        raise BotlabError(f"{message}; {_suggestion(topic)}")
    for line in lines:
        print_line(line)
    return 0


def _rules() -> list[str]:
    return [f"{page.id}  {page.severity:<7}  {page.title}" for page in rule_pages()]


def _profiles() -> list[str]:
    profiles = [load_profile(name) for name in profile_names()]
    return [f"{p.name:<12} {p.title}; Juju {', '.join(p.juju)}" for p in profiles]


def _rule(topic: str) -> list[str]:
    page = find_rule_page(topic)
    return page.plain_text().split("\n") if page else []


def _juju_rule(topic: str) -> list[str]:
    fix = FIXES.get(topic.upper())
    return [f"{topic.upper()}: a rule of Juju itself, with Juju's own message", fix] if fix else []


def _key(topic: str) -> list[str]:
    path = tuple(topic.split("."))
    field = field_at(path)
    if field is None:
        return []
    lines = [topic, *textwrap.wrap(field.description or "", 96)]
    example = example_at(path)
    if example:
        lines.append(f"for example: {example}")
    return lines


def _suggestion(topic: str) -> str:
    keys = [field.alias or name for name, field in Site.model_fields.items()]
    return suggest(topic, keys, "`botlab explain` lists the rules")
