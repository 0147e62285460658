"""The lab's own rules: what Juju takes and an administrator would regret."""

from __future__ import annotations

from ...findings import Finding
from ..subject import Subject
from . import (
    airgap,
    charms,
    installer,
    kubeflow,
    machines,
    metallb,
    networks,
    resources,
    services,
    storage,
)
from .facts import Facts
from .rule import REGISTER, Rule

__all__ = ["Rule", "find_rule", "lab_findings", "rules"]

_MODULES = (
    airgap,
    charms,
    installer,
    kubeflow,
    machines,
    metallb,
    networks,
    resources,
    services,
    storage,
)  # importing them registers their rules


def rules() -> tuple[Rule, ...]:
    """Return every rule, by id."""
    return tuple(REGISTER[key] for key in sorted(REGISTER))


def find_rule(rule_id: str) -> Rule | None:
    """Return one rule; None when there is none of that id."""
    return REGISTER.get(rule_id.upper())


def lab_findings(subject: Subject) -> list[Finding]:
    """Return what the lab's rules have to say of a bundle."""
    facts = Facts(subject)
    findings: list[Finding] = []
    for rule in rules():
        for hit in rule.check(facts):
            path = hit.path if hit.site else subject.origin(hit.path)
            findings.append(Finding(rule.id, rule.severity, "lab", path, hit.message, hit.fix))
    return findings
