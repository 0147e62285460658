"""The processes that a program starts, and how they are ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_TERMINATE_SECONDS = 2.0
_MARK = "BOTLAB_CALL"
_PROCESSES = Path("/proc")


class ProcessGroup:
    """A process and all that it starts.

    The process is the leader of its own session. Its children are in its group, or have left the
    group. The latter are known by a variable of their environment, where /proc exists (Linux).

    Args:
        start: Starts the process with an environment, as the leader of a session.
        environment: The environment of the process; None for botlab's own.
    """

    def __init__(
        self,
        start: Callable[[Mapping[str, str]], subprocess.Popen[bytes]],
        environment: Mapping[str, str] | None,
    ) -> None:
        mark = uuid.uuid4().hex
        inherited = os.environ if environment is None else environment
        self._mark = f"{_MARK}={mark}".encode()
        self.process = start({**inherited, _MARK: mark})

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended. It is not reaped.

        Until it is reaped, no other process or group can get its number.
        """
        if self.process.returncode is not None:
            return True
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def finish(self, *, is_clean: bool) -> int:
        """End the group of a process that has ended, and return its exit status.

        Args:
            is_clean: Whether no child can be left outside the group, because all have closed the
                output of the process.
        """
        if self.process.returncode is None:
            self._signal_group(signal.SIGKILL)
            if not is_clean:
                self._signal_children(signal.SIGKILL)
        return self.process.wait()

    def end(self) -> None:
        """End the process and all that it has started: by SIGTERM, then by SIGKILL."""
        if self.process.returncode is not None:
            return
        self._signal_group(signal.SIGTERM)
        self._signal_children(signal.SIGTERM)
        end = time.monotonic() + _TERMINATE_SECONDS
        while not self.has_ended and time.monotonic() < end:
            time.sleep(0.02)
        self.finish(is_clean=False)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def _signal_children(self, number: signal.Signals) -> None:
        """Send a signal to the children that have left the group."""
        for pid in self._marked_processes():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _marked_processes(self) -> Iterator[int]:
        for directory in _PROCESSES.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self._mark in (directory / "environ").read_bytes().split(b"\0"):
                    yield int(directory.name)
