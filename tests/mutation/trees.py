"""A copy of the repository in which mutants are tested."""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from mutation.areas import Area
from mutation.operators import Mutant
from mutation.selection import CallRecord, Selection

_NOT_COPIED = shutil.ignore_patterns(
    ".git",
    ".tox",
    ".cache",
    ".venv",
    "dist",
    "build",
    "__pycache__",
    ".hypothesis",
)
_MEMORY = 4 << 30
# A process may wait for this many times the processor time that it may take.
_WAITING_FACTOR = 10
# Every process of a run has this variable, so that the run can end those that it leaves behind.
_MARK = "MUTATION_TREE"
# The directory of this package, for copies of other repositories.
_PLUGINS = Path(__file__).resolve().parents[1]
_PASSED, _FAILED, _NO_TESTS = 0, 1, 5
# Errors of collection: the mutant breaks an import.
_INTERRUPTED = 2
# The same in a conftest.py, for which pytest has the status of a wrong command line.
_BROKEN_CONFTEST = "while loading conftest"


class BrokenRunError(Exception):
    """pytest did not run the tests, so that nothing is known about the mutant."""


@dataclass
class Tree:
    """A copy of the repository.

    Attributes:
        root: The copy's directory.
        pytest: The command that runs pytest.
    """

    root: Path
    pytest: list[str] = field(default_factory=lambda: [sys.executable, "-m", "pytest"])
    _writes: int = 0

    @classmethod
    def copy(cls, repository: Path, root: Path) -> Tree:
        """Copy a repository's files, without version control and caches."""
        shutil.copytree(repository, root, symlinks=True, ignore=_NOT_COPIED)
        return cls(root)

    def record(self, areas: list[Area]) -> CallRecord:
        """Run the tests of areas that have the same tests, and record their calls.

        Args:
            areas: The areas.

        Returns:
            The record.

        Raises:
            BrokenRunError: pytest ends before it runs the tests.
        """
        files = areas[0].test_files(self.root)
        sources = {
            str(self.root / source).removesuffix(".py") for a in areas for source in a.sources
        }
        output = self.root / "calls.json"
        variables = {
            "MUTATION_RECORD": str(output),
            "MUTATION_SOURCES": ":".join(sorted(sources)),
        }
        status, text = self._run(["-p", "mutation.calls", *files], variables, None)
        if status not in (_PASSED, _FAILED):
            raise BrokenRunError(text)
        return CallRecord.read(output, self.root, files)

    def detects(self, mutant: Mutant, selection: Selection, seconds: float) -> bool:
        """Return whether a test fails with a mutant, or does not end.

        Args:
            mutant: The change.
            selection: The tests to run.
            seconds: How much processor time the tests may take; a mutant that takes more is
                detected. So is one that waits much longer, which a busy machine does not.

        Raises:
            BrokenRunError: pytest could not run the tests.
        """
        path = self.root / mutant.path
        source = path.read_text(encoding="utf-8")
        order = self.root / "order.json"
        order.write_text(json.dumps({"first": selection.first, "left_out": selection.left_out}))
        self._write(path, mutant.apply(source))
        try:
            return any(self._fails(mutant, part, order, seconds) for part in selection.parts)
        finally:
            self._write(path, source)

    def _fails(self, mutant: Mutant, files: list[str], order: Path, seconds: float) -> bool:
        """Return whether a test of some files fails, or does not end."""
        arguments = ["-x", "-p", "mutation.order", *files]
        status, text = self._run(arguments, {"MUTATION_ORDER": str(order)}, seconds)
        is_broken = status is not None and status > _INTERRUPTED and status != _NO_TESTS
        if is_broken and _BROKEN_CONFTEST not in text:
            raise BrokenRunError(f"{mutant.name}: pytest ended with status {status}\n{text}")
        return status not in (_PASSED, _NO_TESTS)

    def _write(self, path: Path, text: str) -> None:
        """Write a module with a time of its own: Python compares times of whole seconds."""
        path.write_text(text, encoding="utf-8")
        self._writes += 1
        os.utime(path, (self._writes, self._writes))

    def _run(
        self, arguments: list[str], variables: dict[str, str], seconds: float | None
    ) -> tuple[int | None, str]:
        """Run pytest; return its status, or None after the time limit, and what it printed."""
        longest = None if seconds is None else _WAITING_FACTOR * seconds
        command = [*self.pytest, "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *arguments]
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=lambda: _limit(seconds),
        ) as process:
            try:
                text, _ = process.communicate(timeout=longest)
            except subprocess.TimeoutExpired:
                return None, ""
            finally:
                self._end(process)
            return process.returncode, text

    def _end(self, process: subprocess.Popen[str]) -> None:
        """End a process and everything that it started, also in sessions of its own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        mark = f"{_MARK}={self.root}".encode()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in environment.read_bytes().split(b"\0"):
                    os.kill(int(environment.parent.name), signal.SIGKILL)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        directories = [self.root / "generator", self.root / "tests", _PLUGINS]
        left_out = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "BOTLAB_LONG")
        inherited = {name: text for name, text in os.environ.items() if name not in left_out}
        path = os.pathsep.join(map(str, directories))
        return {**inherited, "PYTHONPATH": path, _MARK: str(self.root), **variables}


def _directory(source: Path) -> str:
    """Return the directory of a source, which may be a module."""
    return str(source if source.is_dir() else source.parent)


def _limit(seconds: float | None) -> None:
    """Limit the memory and the processor time of the process that is about to run."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds)))
