"""The tests that can detect one mutant, the most likely ones first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mutation.areas import mirrors
from mutation.operators import Mutant

# Reading all test files takes longer than running the tests of these.
_FIRST_FILES = 3


@dataclass(frozen=True)
class Selection:
    """The tests to run for a mutant.

    Attributes:
        files: The test files: first those with the most likely tests.
        first: The names of the tests that call the changed function, the mirrored and fast first.
        left_out: The tests that fail without a change.
        seconds: How long the tests of the files take.
    """

    files: list[str]
    first: list[str]
    left_out: list[str]
    seconds: float

    @property
    def parts(self) -> list[list[str]]:
        """The files in two parts: few that are soon read, then the others."""
        return [part for part in (self.files[:_FIRST_FILES], self.files[_FIRST_FILES:]) if part]


@dataclass(frozen=True)
class CallRecord:
    """Which tests call which functions; `mutation.calls` writes it.

    Attributes:
        files: All test files of the run.
        calls: The names of tests, or of files, by ``MODULE:LINE`` of a function.
        seconds: The duration of each test.
        failed: The tests that fail without a change.
    """

    files: list[str]
    calls: Mapping[str, list[str]]
    seconds: Mapping[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, root: Path, files: list[str]) -> CallRecord:
        """Read a record.

        Args:
            path: The file that the plugin wrote.
            root: The root of the tree that the plugin ran in.
            files: The test files of the run.
        """
        document = json.loads(path.read_text())
        prefix = f"{root}/"
        calls = {name.removeprefix(prefix): tests for name, tests in document["calls"].items()}
        return cls(files, calls, document["seconds"], document["failed"])

    def select(self, mutant: Mutant) -> Selection:
        """Return the tests for a mutant.

        Code outside of functions concerns all tests that call the module. When no test calls the
        code in its own process, all tests of the area are selected.
        """
        names = self._callers(mutant)
        files = {name.partition("::")[0] for name in names} or set(self.files)
        first = sorted((name for name in names if "::" in name), key=self._rank(mutant.path))
        likely = dict.fromkeys(name.partition("::")[0] for name in first)
        further = sorted(files, key=lambda file: (not mirrors(mutant.path, file), file))
        ordered = list(dict.fromkeys([*likely, *further]))
        return Selection(ordered, first, self.failed, self._duration(files))

    def _callers(self, mutant: Mutant) -> set[str]:
        names = set(self.calls.get(f"{mutant.path}:{mutant.function}", ()))
        if names and mutant.function:
            return names
        mirrored = {file for file in self.files if mirrors(mutant.path, file)}
        module = f"{mutant.path}:"
        of_module = [tests for name, tests in self.calls.items() if name.startswith(module)]
        return {name for tests in of_module for name in tests} | (mirrored if of_module else set())

    def _rank(self, module: str):  # noqa: ANN202 - a key function
        return lambda name: (
            not mirrors(module, name.partition("::")[0]),
            self.seconds.get(name, 0.0),
            name,
        )

    def _duration(self, files: Iterable[str]) -> float:
        chosen = set(files)
        return sum(
            seconds for name, seconds in self.seconds.items() if name.partition("::")[0] in chosen
        )
