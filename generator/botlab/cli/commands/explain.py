"""``botlab explain``."""

from __future__ import annotations

import argparse
import textwrap

from ...errors import BotlabError
from ...findings import nearest


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
        raise BotlabError(f"{topic!r} is neither a rule nor a key of the site file{_near(topic)}")
    print("\n".join(lines))
    return 0


def _rules() -> list[str]:
    from ...rules.lab import rules
    from ...rules.lab.early import early_findings

    told = (*early_findings(), *rules())
    return [f"{rule.id}  {rule.severity.value:<7}  {rule.title}" for rule in told]


def _profiles() -> list[str]:
    from ...catalogue.profiles import load_profile, profile_names

    profiles = [load_profile(name) for name in profile_names()]
    return [f"{p.name:<12} {p.title}; Juju {', '.join(p.juju)}" for p in profiles]


def _rule(topic: str) -> list[str]:
    from ...rules.lab import find_rule
    from ...rules.lab.early import Early, find_early
    from ...rules.lab.examples import examples

    rule = find_early(topic) or find_rule(topic)
    if rule is None:
        return []
    example = examples()[rule.id]
    lines = [f"{rule.id} ({rule.severity.value}): {rule.title}", *textwrap.wrap(rule.reason, 96)]
    if isinstance(rule, Early):
        lines += textwrap.wrap(f"mend: {rule.mend}", 96)
    for title, text in ((f"found at {example.path}", example.fires), ("fine", example.quiet)):
        lines += ["", f"{title}:", *textwrap.indent(text.rstrip(), "  ").splitlines()]
    return lines


def _juju_rule(topic: str) -> list[str]:
    from ...rules.juju.report import FIXES

    fix = FIXES.get(topic.upper())
    return [f"{topic.upper()}: a rule of Juju itself, told in its own words", fix] if fix else []


def _key(topic: str) -> list[str]:
    from ...site.fields import example_at, field_at

    path = tuple(topic.split("."))
    field = field_at(path)
    if field is None:
        return []
    lines = [topic, *textwrap.wrap(field.description or "", 96)]
    example = example_at(path)
    if example:
        lines.append(f"for example: {example}")
    return lines


def _near(topic: str) -> str:
    from ...site.model import Site

    keys = [field.alias or name for name, field in Site.model_fields.items()]
    return "; " + nearest(topic, keys, "`botlab explain` lists the rules")
