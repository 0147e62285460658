"""The checks of a lab, and the answer of the command ``verify``.

The answer has the form of the charms' action ``verify``. Each check also has its unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: Its name, the same in every run.
        is_ok: Whether it passed.
        message: What was observed, and for a failed check how to fix it.
        unit: The unit whose charm ran the check; empty for a check of the cluster.
    """

    name: str
    is_ok: bool
    message: str
    unit: str = ""

    @property
    def title(self) -> str:
        """The name with the unit, which together no other check has."""
        return f"{self.name} of {self.unit}" if self.unit else self.name

    def as_json(self) -> dict[str, Any]:
        """Return the check as the data that JSON output has."""
        return {
            "name": self.name,
            "ok": self.is_ok,
            "message": self.message,
            "unit": self.unit or None,
        }


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The result of all checks of a lab.

    Attributes:
        checks: The checks: those of units in the order of the applications, then of the cluster.
        is_out_of_time: Whether the time was over before all checks had ended.
    """

    checks: tuple[Check, ...]
    is_out_of_time: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether all checks passed."""
        return all(check.is_ok for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.is_ok)

    def as_json(self) -> dict[str, Any]:
        """Return the report as the data that JSON output has."""
        return {
            "ok": self.is_ok,
            "checks": [check.as_json() for check in self.checks],
            "failures": [f"{check.title}: {check.message}" for check in self.failures],
        }
