"""The command ``botlab explain``."""

from __future__ import annotations

import argparse
import textwrap

from ...catalogue.profiles import ProfileLibrary, load_profile
from ...errors import BotlabError
from ...findings import suggest
from ...rules.juju.fixes import FIXES
from ...rules.pages import find_rule_page, rule_pages
from ...site.fields import example_at, field_at, is_known, section_keys
from ..output import print_line
from ..requests import requested_profiles


def run(args: argparse.Namespace) -> int:
    """Explain a rule, a key of the site file, or the profiles."""
    topic: str = args.topic
    if topic in ("", "rules"):
        lines = _rules()
    elif topic == "profiles":
        lines = profile_lines(requested_profiles(args))
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


def profile_lines(library: ProfileLibrary) -> list[str]:
    """Return a line about each profile of a library."""
    profiles = [load_profile(name, "", library) for name in library.names()]
    return [f"{p.name:<14} {p.title}; Juju {', '.join(p.juju)}" for p in profiles]


def _rule(topic: str) -> list[str]:
    page = find_rule_page(topic)
    return page.plain_text().split("\n") if page else []


def _juju_rule(topic: str) -> list[str]:
    fix = FIXES.get(topic.upper())
    return [f"{topic.upper()}: a rule of Juju itself, with Juju's own message", fix] if fix else []


def _key(topic: str) -> list[str]:
    path = _path(topic)
    field = field_at(path)
    if field is None or not is_known(path):
        return []
    lines = [topic, *textwrap.wrap(field.description or "", 96)]
    example = example_at(path)
    if example:
        lines.append(f"for example: {example}")
    return [*lines, *_keys_below(path)]


def _keys_below(path: tuple[str, ...]) -> list[str]:
    """Return a line with the keys of a section, or of each entry of a section with names."""
    keys = section_keys(path)
    if not keys:
        return []
    entry = (*path, "NAME")
    has_names = is_known(entry) and section_keys(entry) == keys
    title = "keys of each entry" if has_names else "keys"
    return textwrap.wrap(f"{title}: {', '.join(sorted(keys))}", 96)


def _path(topic: str) -> tuple[str, ...]:
    """Return the path of a key, as messages and the reference write it."""
    return tuple(topic.replace("[]", "").split("."))


def _suggestion(topic: str) -> str:
    """Return the key that was probably meant, or the keys of its section."""
    *parents, name = _path(topic)
    if not parents:
        return suggest(topic, section_keys(()), "`botlab explain` lists the rules")
    section = ".".join(parents)
    if not is_known(tuple(parents)):
        return _suggestion(section)
    keys = sorted(section_keys(tuple(parents)))
    choices = f"use one of {', '.join(keys)}" if keys else f"{section} has no keys"
    return suggest(name, keys, choices)
