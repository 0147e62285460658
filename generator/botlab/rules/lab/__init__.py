"""The lab's own rules: what Juju accepts although it leads to a lab that does not work."""

from __future__ import annotations

import importlib
from pathlib import Path

from ...findings import Finding
from ..subject import Subject
from . import checks
from .facts import Facts
from .rule import REGISTER, Rule

__all__ = ["Rule", "find_rule", "lab_findings", "rules"]

# Importing a module of checks registers its rules. (pkgutil would find the modules too, but takes
# several milliseconds to import.)
for _file in sorted(Path(checks.__path__[0]).glob("[!_]*.py")):
    importlib.import_module(f"{checks.__name__}.{_file.stem}")


def rules() -> tuple[Rule, ...]:
    """Return all rules in the order of their ids."""
    return tuple(REGISTER[rule_id] for rule_id in sorted(REGISTER))


def find_rule(rule_id: str) -> Rule | None:
    """Return the rule of an id; None when no rule has it."""
    return REGISTER.get(rule_id.upper())


def lab_findings(subject: Subject) -> list[Finding]:
    """Return the findings of the lab's rules about a bundle."""
    facts = Facts(subject)
    findings: list[Finding] = []
    for rule in rules():
        for violation in rule.check(facts):
            path = violation.path if violation.in_site else subject.origin(violation.path)
            findings.append(
                Finding(rule.id, rule.severity, "lab", path, violation.message, violation.fix)
            )
    return findings
