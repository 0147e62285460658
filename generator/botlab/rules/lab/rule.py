"""The form of a rule of the lab, and the register of all rules.

The text that explains a rule is its page, ``docs/rules/ID.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...findings import KeyPath, Severity
from .facts import Facts

# Keys of the site that several rules depend on: those that place units, and those that decide the
# Kubernetes release.
PLACEMENT_KEYS = ("machines.*.roles", "applications.*.to")
CLUSTER_KEYS = ("kubernetes.profile", "kubernetes.channel")


class Violation(NamedTuple):
    """A key that breaks a rule.

    Attributes:
        path: The key, in the bundle unless ``in_site`` is set.
        message: What is wrong.
        fix: What the administrator should do.
        in_site: Whether the path is a key of the site file.
    """

    path: KeyPath
    message: str
    fix: str
    in_site: bool = False


Check = Callable[[Facts], Iterator[Violation]]


class Rule(NamedTuple):
    """A rule of the lab.

    Attributes:
        id: The stable id.
        severity: The severity of its findings.
        check: Function that yields the violations.
        depends_on: Keys of the site without which the rule finds violations. When such a value was
            dropped as invalid, the rule's findings only follow from that, and are not reported.
    """

    id: str
    severity: Severity
    check: Check
    depends_on: tuple[str, ...] = ()


REGISTER: dict[str, Rule] = {}


def rule(
    rule_id: str, severity: Severity, *, depends_on: tuple[str, ...] = ()
) -> Callable[[Check], Check]:
    """Register the decorated function as the check of a rule.

    Raises:
        ValueError: When another rule has the id.
    """

    def register(check: Check) -> Check:
        if rule_id in REGISTER:
            raise ValueError(f"two rules have the id {rule_id}")
        REGISTER[rule_id] = Rule(rule_id, severity, check, depends_on)
        return check

    return register
