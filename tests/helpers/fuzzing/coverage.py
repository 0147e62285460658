"""The lines and branches that a run executes for the first time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Protocol

# After this number of calls that show nothing new, only some calls of a function are traced.
_QUIET_CALLS = (200, 2000)
# So many executions of a branch in one direction are recorded in so many runs.
_ONE_SIDED_EXECUTIONS = 50
_ONE_SIDED_RUNS = 16
_TOOL = 3  # A number that neither debuggers nor coverage.py use.


class Coverage(Protocol):
    """A record of the places that were executed so far."""

    def recording(self) -> Any:
        """Return a context manager that records what runs in it."""
        ...

    def take(self) -> int:
        """Return the number of places that are new since the last call."""
        ...

    @property
    def total(self) -> int:
        """The number of places so far."""
        ...


def new_coverage(roots: Sequence[Path], *, samples: bool = True) -> Coverage:
    """Return an empty record of the code below some directories.

    Args:
        roots: The directories or files of the code.
        samples: Whether functions that showed nothing new for a long time are only sampled.
    """
    files = tuple(str(root) for root in roots)
    if sys.version_info >= (3, 12):
        return MonitoredCoverage(files)
    return TracedCoverage(files, samples=samples)


class TracedCoverage:
    """Pairs of lines that were executed one after the other, recorded with ``sys.settrace``."""

    def __init__(self, roots: tuple[str, ...], *, samples: bool = True) -> None:
        self._roots = roots
        self._samples = samples
        self._functions: dict[CodeType, _Function | None] = {}
        self._total = self._taken = 0

    @contextmanager
    def recording(self) -> Generator[None]:
        """Record what runs in this context."""
        outer = sys.gettrace()
        sys.settrace(self._trace_call)
        try:
            yield
        finally:
            sys.settrace(outer)

    def take(self) -> int:
        """Return the number of places that are new since the last call."""
        new = self._total - self._taken
        self._taken = self._total
        return new

    @property
    def total(self) -> int:
        """The number of places so far."""
        return self._total

    def _trace_call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        del event, arg
        code = frame.f_code
        if code not in self._functions:
            is_inside = code.co_filename.startswith(self._roots)
            self._functions[code] = _Function() if is_inside else None
        function = self._functions[code]
        if function is None or (self._samples and function.is_skipped()):
            return None
        return self._line_tracer(function)

    def _line_tracer(self, function: _Function) -> Callable[..., Any]:
        previous = 0

        def trace(frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
            nonlocal previous
            del arg
            if event == "line":
                line = frame.f_lineno
                if (previous, line) not in function.arcs:
                    function.arcs.add((previous, line))
                    function.quiet_calls = 0
                    self._total += 1
                previous = line
            return trace

        return trace


class _Function:
    """The pairs of lines of a function, and its calls since the last new one."""

    def __init__(self) -> None:
        self.arcs: set[tuple[int, int]] = set()
        self.quiet_calls = 0

    def is_skipped(self) -> bool:
        """Count a call, and return whether it need not be traced."""
        self.quiet_calls += 1
        few, many = _QUIET_CALLS
        if self.quiet_calls < few:
            return False
        return self.quiet_calls % (8 if self.quiet_calls < many else 64) != 0


class MonitoredCoverage:
    """Lines and branches, recorded with ``sys.monitoring``, which Python has since 3.12.

    A line reports only its first execution, and a branch with one direction only some, so that
    known code runs at almost its full speed.
    """

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots
        self._places: set[tuple[CodeType, int, int]] = set()
        self._branches: dict[tuple[CodeType, int], _Branch] = {}
        self._taken = self._recordings = 0
        self._monitoring: Any = vars(sys)["monitoring"]

    @contextmanager
    def recording(self) -> Generator[None]:
        """Record what runs in this context."""
        monitoring, events = self._monitoring, self._monitoring.events
        self._recordings += 1
        if self._recordings % _ONE_SIDED_RUNS == 0:
            self._branches.clear()
            monitoring.restart_events()
        monitoring.use_tool_id(_TOOL, "botlab fuzzer")
        monitoring.register_callback(_TOOL, events.LINE, self._line)
        monitoring.register_callback(_TOOL, events.BRANCH, self._branch)
        monitoring.set_events(_TOOL, events.LINE | events.BRANCH)
        try:
            yield
        finally:
            monitoring.set_events(_TOOL, 0)
            monitoring.free_tool_id(_TOOL)

    def take(self) -> int:
        """Return the number of places that are new since the last call."""
        new = self.total - self._taken
        self._taken = self.total
        return new

    @property
    def total(self) -> int:
        """The number of places so far."""
        return len(self._places)

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename.startswith(self._roots):
            self._places.add((code, -1, line))
        return self._monitoring.DISABLE

    def _branch(self, code: CodeType, offset: int, destination: int) -> object:
        if not code.co_filename.startswith(self._roots):
            return self._monitoring.DISABLE
        self._places.add((code, offset, destination))
        branch = self._branches.setdefault((code, offset), _Branch(destination))
        branch.executions += 1
        # DISABLE hides both destinations of a branch.
        is_done = destination != branch.first or branch.executions > _ONE_SIDED_EXECUTIONS
        return self._monitoring.DISABLE if is_done else None


class _Branch:
    """The first destination of a branch, and the number of its executions."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.executions = 0
