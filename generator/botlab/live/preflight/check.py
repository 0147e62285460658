"""The results of the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict


class CheckJson(TypedDict):
    """A check in JSON. The first three keys are those of the charms' action ``verify``."""

    name: str
    ok: bool
    message: str
    fix: str
    skipped: bool


class PreflightJson(TypedDict):
    """The report in JSON, in the form of the charms' action ``verify``."""

    ok: bool
    checks: list[CheckJson]
    failures: list[str]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check.

    Attributes:
        name: What was checked, such as ``model`` or ``machine 3``.
        is_ok: Whether the deployment can go on.
        message: What was found.
        fix: A command, or a sentence if no command can do it; empty where nothing is to do.
        is_skipped: Whether the check could not be made. It then does not fail.
    """

    name: str
    is_ok: bool
    message: str
    fix: str = ""
    is_skipped: bool = False

    def as_json(self) -> CheckJson:
        """Return the check for JSON."""
        return {
            "name": self.name,
            "ok": self.is_ok,
            "message": self.message,
            "fix": self.fix,
            "skipped": self.is_skipped,
        }


def passed(name: str, message: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, is_ok=True, message=message)


def failed(name: str, message: str, fix: str) -> Check:
    """Return a check that found a fault."""
    return Check(name, is_ok=False, message=message, fix=fix)


def skipped(name: str, message: str, fix: str = "") -> Check:
    """Return a check that could not be made."""
    return Check(name, is_ok=True, message=message, fix=fix, is_skipped=True)


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """All checks, in the order in which people should fix them."""

    checks: Sequence[Check]

    @property
    def is_ok(self) -> bool:
        """Whether the deployment can go on."""
        return all(check.is_ok for check in self.checks)

    @property
    def failures(self) -> list[Check]:
        """The checks that found a fault."""
        return [check for check in self.checks if not check.is_ok]

    def as_json(self) -> PreflightJson:
        """Return the report for JSON."""
        return {
            "ok": self.is_ok,
            "checks": [check.as_json() for check in self.checks],
            "failures": [f"{check.name}: {check.message}" for check in self.failures],
        }
