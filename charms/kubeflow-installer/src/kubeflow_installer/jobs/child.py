"""Run a program that ends with us, within a time limit, with a log that holds no secret.

    python3 jobs/child.py PARENT PROGRAM [ARGUMENT ...]

As a program it takes care that PROGRAM is killed when PARENT, the process that started it, ends
in whatever way, and then becomes it.
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
from typing import IO, Any, Callable, Iterable, List, Mapping, NamedTuple

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PAUSE = 0.2
# Seconds in which what a program printed last is read.
_LAST_WORDS = 10.0
# Lines at a program's end among which the one that says why is looked for.
_LAST = 200

# `late`: ended by us after its time; `words`: its last lines, secrets taken out.
Ended = NamedTuple("Ended", [("code", int), ("late", bool), ("words", List[str])])


def run(
    command: List[str],
    folder: str,
    environment: Mapping[str, str],
    log: IO[str],
    hidden: Iterable[str],
    seconds: float,
    stop: Callable[[], bool],
) -> Ended:
    """Run a program to its end, in a session of its own.

    Args:
        command: The program and its arguments.
        folder: Its working directory.
        environment: All of its environment.
        log: Gets what it prints.
        hidden: Texts that must not get into the log.
        seconds: How long it may take; then it is killed, with all that it started.
        stop: Called several times a second; tells whether it shall be ended.
    """
    shell = [sys.executable, "-I", os.path.abspath(__file__), str(os.getpid())]
    process = subprocess.Popen(  # noqa: S603 - no shell
        shell + command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    words: Any = collections.deque(maxlen=_LAST)
    reader = threading.Thread(
        target=_copy, args=(process.stdout, log, [one for one in hidden if one], words)
    )
    reader.daemon = True
    reader.start()
    try:
        late = _wait(process, seconds, stop)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join(_LAST_WORDS)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()
    return Ended(process.returncode, late, list(words))


def _wait(process: Any, seconds: float, stop: Callable[[], bool]) -> bool:
    """Wait for a program's end; tell whether its time was over before."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PAUSE)
            return False
        if time.monotonic() > end:
            return True
        if stop():
            return False


def _copy(source: IO[bytes], log: IO[str], hidden: List[str], words: Any) -> None:
    for line in source:
        text = line.decode("utf-8", "replace")
        for secret in hidden:
            text = text.replace(secret, "***")
        log.write(text)
        log.flush()
        if text.strip():
            words.append(text.strip())


def _become(parent: int, command: List[str]) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("%s is gone" % parent)  # it ended before that could be asked for
    os.execv(command[0], command)  # noqa: S606 - no shell


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
