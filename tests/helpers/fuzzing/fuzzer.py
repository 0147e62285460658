"""The loop: change an input, run it, and keep it if it executes new code."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import botlab

from .coverage import Coverage, new_coverage
from .guard import Fault, Limits, guarded
from .inputs import Input, size_of
from .mutator import Mutator

GENERATOR = Path(botlab.__file__).resolve().parent
# A larger input is run without a record of its coverage, and not kept.
_LARGEST_KEPT = 8_000


@dataclass
class Report:
    """The figures and the faults of a run of the fuzzer.

    Attributes:
        executions: The number of inputs that were run.
        seconds: The time they took.
        places: The number of places in the code that were executed.
        kept: The inputs that executed new places, in order.
        faults: An input and the fault for each cause.
    """

    executions: int = 0
    seconds: float = 0
    places: int = 0
    kept: list[Input] = field(default_factory=list)
    faults: dict[str, tuple[Input, Fault]] = field(default_factory=dict)

    def summary(self) -> str:
        """Return the figures as one line."""
        rate = self.executions / self.seconds if self.seconds else 0
        return (
            f"{self.executions} executions, {rate:.0f} per second, {self.places} places,"
            f" {len(self.kept)} inputs kept, {len(self.faults)} faults"
        )


class Fuzzer:
    """Fuzzes one action.

    Args:
        action: Runs an input.
        seeds: The inputs to start with.
        pick: The source of random numbers.
        limits: What a run may use.
        roots: The code whose coverage guides the fuzzer.
    """

    def __init__(
        self,
        action: Callable[[Input], object],
        seeds: Sequence[Input],
        pick: random.Random,
        *,
        limits: Limits | None = None,
        roots: Sequence[Path] = (GENERATOR,),
    ) -> None:
        self._action = action
        self._seeds = seeds
        self._pick = pick
        self._limits = limits or Limits()
        self._roots = roots
        self._coverage: Coverage = new_coverage(roots)
        self._mutator = Mutator(pick, seeds)
        self.report = Report()

    def run(
        self,
        seconds: float,
        *,
        stops_at_fault: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> Report:
        """Fuzz for some time.

        Args:
            seconds: The time.
            stops_at_fault: Whether to stop at the first fault.
            clock: Returns the time.
        """
        start = clock()
        for parts in self._inputs():
            self._execute(parts)
            self.report.seconds = clock() - start
            is_over = self.report.seconds >= seconds
            if is_over or (stops_at_fault and self.report.faults):
                break
        self.report.places = self._coverage.total
        return self.report

    def _inputs(self) -> Iterable[Input]:
        yield from self._seeds
        while True:
            yield self._mutator.mutate(self._parent(), self._parent())

    def _parent(self) -> Input:
        """Return an input to change, often one of the latest."""
        inputs = self.report.kept or self._seeds
        recent = inputs[-max(10, len(inputs) // 5) :]
        return self._pick.choice(recent if self._pick.random() < 0.4 else inputs)

    def _execute(self, parts: Input) -> None:
        self.report.executions += 1
        if size_of(parts) > _LARGEST_KEPT and parts not in self._seeds:
            fault = self._run(parts)
        else:
            fault = self._run_recorded(parts)
        if fault is not None:
            self.report.faults.setdefault(fault.key, (parts, fault))

    def _run_recorded(self, parts: Input) -> Fault | None:
        with self._coverage.recording():
            fault = self._run(parts)
        if fault is not None and fault.kind == "time":
            # The record itself takes time.
            return self._run(parts)
        if self._coverage.take() and fault is None:
            self.report.kept.append(parts)
        return fault

    def _run(self, parts: Input) -> Fault | None:
        return guarded(lambda: self._action(parts), self._limits, self._roots)
