"""The figures of a mutation run."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

LEAST_KILLED = Fraction(85, 100)


@dataclass
class AreaResult:
    """What became of the mutants of one area.

    Attributes:
        name: The area's name.
        total: How many mutants were tested.
        survivors: A description of each mutant that no test detected.
    """

    name: str
    total: int = 0
    survivors: list[str] = field(default_factory=list)

    @property
    def killed(self) -> int:
        """How many mutants a test detected."""
        return self.total - len(self.survivors)

    @property
    def is_sufficient(self) -> bool:
        """Whether at least 85 % of the mutants were detected."""
        return self.killed >= LEAST_KILLED * self.total

    def add(self, description: str, is_killed: bool) -> None:
        """Count one mutant."""
        self.total += 1
        if not is_killed:
            self.survivors.append(description)

    def lines(self) -> list[str]:
        """Return the area's lines of the report: the figure, then the survivors."""
        share = 100 * self.killed / self.total if self.total else 0
        mark = "ok " if self.is_sufficient else "BAD"
        counts = f"{self.killed} of {self.total} mutants killed"
        figure = f"{mark} {self.name:20} {counts} ({share:.0f} %)"
        return [figure, *(f"    survived: {text}" for text in sorted(self.survivors))]
