"""The limits of one run: which exceptions it may end with, and its time and memory."""

from __future__ import annotations

import contextlib
import signal
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Limits:
    """What a run may use.

    Attributes:
        seconds: Processor time.
        megabytes: Memory that it adds to the process, which has about 50 MB before it.
    """

    seconds: float = 5
    megabytes: float = 450


@dataclass(frozen=True)
class Fault:
    """What is wrong with a run.

    Attributes:
        kind: ``exception``, ``time`` or ``memory``.
        key: The same text for faults of the same cause.
        description: The traceback, or the figure that exceeds its limit.
    """

    kind: str
    key: str
    description: str


class RunTimeoutError(BaseException):
    """The end of a run that takes too long. No handler of ``Exception`` stops it."""


def guarded(action: Callable[[], object], limits: Limits, roots: Sequence[Path]) -> Fault | None:
    """Run an action, and return its fault, if any.

    Args:
        action: The action.
        limits: What it may use.
        roots: The directories of the code under test, whose frames name an exception's cause.
    """
    before, start = _reset_peak(), time.process_time()
    try:
        with _time_limit(2 * limits.seconds):
            action()
    except RunTimeoutError as error:
        return Fault("time", f"time {_cause(error, roots)}", traceback.format_exc(limit=-12))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        key = f"{type(error).__name__} {_cause(error, roots)}"
        return Fault("exception", key, traceback.format_exc(limit=-12))
    return _excess(time.process_time() - start, _peak() - before, limits)


def _excess(seconds: float, megabytes: float, limits: Limits) -> Fault | None:
    if seconds > limits.seconds:
        return Fault("time", "time", f"took {seconds:.1f} s of processor time")
    if megabytes > limits.megabytes:
        return Fault("memory", "memory", f"used {megabytes:.0f} MB of memory")
    return None


def _cause(error: BaseException, roots: Sequence[Path]) -> str:
    """Return the file and function of the innermost frame in the code under test."""
    files = tuple(str(root) for root in roots)
    frames = [
        f"{Path(frame.filename).name}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(files)
    ]
    return frames[-1] if frames else "outside the code under test"


@contextlib.contextmanager
def _time_limit(seconds: float) -> Generator[None]:
    """Stop what runs in this context after some processor time."""

    def stop(signal_number: int, frame: FrameType | None) -> None:
        del signal_number, frame
        raise RunTimeoutError

    handler = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)


def _reset_peak() -> float:
    """Start a new measurement of the greatest memory; return the memory now in MB."""
    with contextlib.suppress(OSError):  # Without this file, the peak of the process counts.
        _CLEAR.write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _peak() -> float:
    return _memory("VmHWM")


def _memory(field: str) -> float:
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text("ascii").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
    return 0
