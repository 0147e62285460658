"""What a rule of the lab is, and the register of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...findings import KeyPath, Severity
from .facts import Facts


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule strikes.

    ``site`` tells that the path is one of the site file already, not of the bundle.
    """

    path: KeyPath
    message: str
    fix: str
    site: bool = False


# Keys that many rules miss: what places units, and what says which Kubernetes it is.
PLACES = ("machines.*.roles", "applications.*.to")
CLUSTER = ("kubernetes.profile", "kubernetes.channel")

Check = Callable[[Facts], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the lab: its stable id, its reason with the source, and its check.

    ``misses`` names keys of the site whose absence can be the fault. Where such a value was
    left out as invalid, what the rule finds only follows from that.
    """

    id: str
    title: str
    severity: Severity
    reason: str
    check: Check
    misses: tuple[str, ...] = ()


REGISTER: dict[str, Rule] = {}


def rule(
    number: str, title: str, severity: Severity, reason: str, *, misses: tuple[str, ...] = ()
) -> Callable[[Check], Check]:
    """Register the check below as a rule."""

    def register(check: Check) -> Check:
        if number in REGISTER:
            raise ValueError(f"rule {number} stands twice")
        REGISTER[number] = Rule(number, title, severity, " ".join(reason.split()), check, misses)
        return check

    return register
