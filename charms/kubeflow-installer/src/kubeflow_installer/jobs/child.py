"""Run a program with a time limit and a log without secrets; it ends with this process.

    python3 jobs/child.py PARENT PROGRAM [ARGUMENT ...]

When this module itself runs as a program, it asks the kernel to kill it as soon as PARENT, the
process that started it, ends. Then it replaces itself with PROGRAM. It runs with `-I`, so it
imports only the standard library.
"""

import collections
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO, Callable, Deque, Iterable, List, Mapping, NamedTuple

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_POLL_INTERVAL = 0.2
# Seconds in which the last output of a program is read after its end.
_LAST_OUTPUT_TIMEOUT = 10.0
# Lines at the end of a program's output that are searched for the reason of its failure.
_KEPT_LINES = 200


class ProcessResult(NamedTuple):
    """How a program ended.

    Attributes:
        exit_code: Its exit code.
        timed_out: Whether it was killed because it exceeded its time limit.
        last_lines: The last lines of its output, without secrets.
    """

    exit_code: int
    timed_out: bool
    last_lines: List[str]


def command_with_parent(command: List[str]) -> List[str]:
    """Return a command line whose program is killed when this process ends."""
    return [sys.executable, "-I", os.path.abspath(__file__), str(os.getpid()), *command]


def run(
    command: List[str],
    directory: str,
    environment: Mapping[str, str],
    log: IO[str],
    secrets: Iterable[str],
    seconds: float,
    should_stop: Callable[[], bool],
) -> ProcessResult:
    """Run a program to its end, in a session of its own.

    Args:
        command: The program and its arguments.
        directory: Its working directory.
        environment: All of its environment.
        log: Receives its output.
        secrets: Strings that must not reach the log.
        seconds: How long it may take; after that it is killed with everything that it started.
        should_stop: Called several times a second; returns whether to end the program.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell
        command_with_parent(command),
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    last_lines: Deque[str] = collections.deque(maxlen=_KEPT_LINES)
    reader = threading.Thread(
        target=_copy_output,
        args=(process.stdout, log, [secret for secret in secrets if secret], last_lines),
        daemon=True,
    )
    reader.start()
    try:
        timed_out = _wait(process, seconds, should_stop)
    finally:
        _kill(process)
        reader.join(_LAST_OUTPUT_TIMEOUT)
        if not reader.is_alive():
            process.stdout.close()
    return ProcessResult(process.returncode, timed_out, list(last_lines))


def _wait(
    process: "subprocess.Popen[bytes]", seconds: float, should_stop: Callable[[], bool]
) -> bool:
    """Wait until a program ends; return whether it exceeded its time limit."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_INTERVAL)
            return False
        if time.monotonic() > deadline:
            return True
        if should_stop():
            return False


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program, with everything that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _copy_output(
    output: IO[bytes], log: IO[str], secrets: List[str], last_lines: Deque[str]
) -> None:
    for line in output:
        text = line.decode("utf-8", "replace")
        for secret in secrets:
            text = text.replace(secret, "***")
        log.write(text)
        log.flush()
        if text.strip():
            last_lines.append(text.strip())


def _become(parent: int, command: List[str]) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"the parent process {parent} has ended")  # before the signal could be requested
    os.execv(command[0], command)  # noqa: S606 - no shell


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
