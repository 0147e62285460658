"""Other programs: each ends within its time limit, and leaves no process behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any

from ..signals import ends_botlab
from .errors import CallTimedOutError, DeadlineError, LiveError
from .process_groups import ProcessGroup
from .time_limits import Deadline

OUTPUT_LIMIT = 64 * 1024 * 1024
_POLL_SECONDS = 0.1
# How long `close` waits for threads that end their programs.
_CLOSE_SECONDS = 10.0
# How long the output of a program that has ended is read, if a child of it keeps a pipe open.
_DRAIN_SECONDS = 0.5
_CHUNK = 65536
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(LiveError):
    """A call that was stopped because the command is being ended."""


class OutputTooLargeError(LiveError):
    """A program printed more than botlab reads.

    Args:
        call: The call, such as ``juju status``.
        limit: The limit in bytes.
    """

    def __init__(self, call: str, limit: int) -> None:
        super().__init__(
            f"{call}: it printed more than {limit // 1048576} MiB and was stopped; run it in a"
            " terminal to see why"
        )


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a program ended.

    Attributes:
        status: Its exit status; negative for the number of a signal.
        stdout: Its standard output. Bytes that are not UTF-8 are replaced.
        stderr: Its standard error, likewise.
    """

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run.

    Attributes:
        arguments: The program and its arguments. They must not hold secrets, because every user
            of the computer can see them.
        call: The text that names the call in errors, such as ``juju status``.
        stdin: The text for its standard input, which is empty otherwise.
        environment: Its environment; None for botlab's own.
        output_limit: The number of bytes it may print.
    """

    arguments: Sequence[str]
    call: str
    stdin: str = ""
    environment: Mapping[str, str] | None = None
    output_limit: int = OUTPUT_LIMIT


class ProcessRunner:
    """Runs programs, and ends those that run when botlab is ended.

    Each program is the leader of its own session, and has no terminal. When it exceeds its time
    limit, or botlab is ended by Ctrl-C, SIGTERM or SIGHUP, all processes that it has started are
    ended: by SIGTERM, then by SIGKILL.

    Several threads may use one runner. Signals are handled if the main thread opens the runner.
    While the main thread runs a program, a signal does not interrupt it at once: it could do so
    between the start of the process and the code that ends the process.

    Args:
        deadline: When all programs are ended.
    """

    def __init__(self, deadline: Deadline | None = None) -> None:
        self._deadline = deadline or Deadline(None)
        self._stopped = threading.Event()
        self._running = 0
        self._ended = threading.Condition()
        self._interruption: BaseException | None = None
        self._is_main_busy = False
        self._handlers: dict[int, Any] = {}

    def open(self) -> None:
        """Handle the signals that end botlab. Only the main thread can do that."""
        if not _is_main_thread():
            return
        for number in _SIGNALS:
            if ends_botlab(number):
                self._handlers[number] = signal.signal(number, self._handle)

    def close(self) -> None:
        """End all programs, refuse new ones, and no longer handle signals.

        The programs of other threads have ended when this returns, so that none of them outlives
        botlab.
        """
        self._stopped.set()
        with self._ended:
            self._ended.wait_for(lambda: not self._running, _CLOSE_SECONDS)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    def run(self, program: Program, seconds: float) -> ProcessResult:
        """Run a program until it ends.

        Args:
            program: The program.
            seconds: Its time limit.

        Raises:
            CallTimedOutError: When the time limit is over.
            DeadlineError: When the deadline of the runner is over.
            OutputTooLargeError: When it prints too much.
            StoppedError: When the runner has been closed, or another thread is interrupted.
            OSError: When the program cannot be started.
        """
        self._check(program.call)
        with self._uninterrupted(), self._counted(), _started(program) as process:
            result = _Conversation(program, process, self._check).finish(seconds)
        self._check_stopped(program.call)
        return result

    @contextlib.contextmanager
    def _counted(self) -> Generator[None]:
        """Count a program from its start until all its processes have ended."""
        with self._ended:
            self._running += 1
        try:
            yield
        finally:
            with self._ended:
                self._running -= 1
                self._ended.notify_all()

    @contextlib.contextmanager
    def _uninterrupted(self) -> Generator[None]:
        """Let only ``_check`` interrupt the main thread."""
        if not _is_main_thread():
            yield
            return
        self._is_main_busy = True
        try:
            yield
        finally:
            self._is_main_busy = False

    def _check(self, call: str) -> None:
        """Raise an error when botlab is being ended, or the deadline is over."""
        self._check_stopped(call)
        if self._deadline.is_over:
            raise DeadlineError(
                f"{call}: not finished within the time that --timeout allows; check that the"
                " controller is up (juju show-controller), or allow more time"
            )

    def _check_stopped(self, call: str) -> None:
        if not self._stopped.is_set():
            return
        if self._interruption is not None and _is_main_thread():
            raise self._interruption
        raise StoppedError(f"{call}: stopped, because botlab is being ended")

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Stop all threads. A second signal is ignored, so that it does not disturb the end."""
        del frame
        if self._stopped.is_set():
            return
        is_ctrl_c = number == signal.SIGINT
        self._interruption = KeyboardInterrupt() if is_ctrl_c else SystemExit(128 + number)
        self._stopped.set()
        if not self._is_main_busy:
            raise self._interruption


class _Conversation:
    """Reads what a running program prints.

    Args:
        program: The program.
        group: Its processes.
        check: Raises an error when the program must stop. It gets the call.
    """

    def __init__(
        self, program: Program, group: ProcessGroup, check: Callable[[str], None]
    ) -> None:
        self._program = program
        self._group = group
        self._check = check
        self._output = {"stdout": bytearray(), "stderr": bytearray()}

    def finish(self, seconds: float) -> ProcessResult:
        """Read until the program ends, and return how it ended."""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            for name in self._output:
                pipe: IO[bytes] = getattr(self._group.process, name)
                selector.register(pipe, selectors.EVENT_READ, self._output[name])
            while selector.get_map() and not self._group.has_ended:
                self._read(selector, self._wait_time(end, seconds))
            while not self._group.has_ended:  # it closed its output before
                time.sleep(min(0.01, self._wait_time(end, seconds)))
            self._drain(selector)
            is_clean = not selector.get_map()
        status = self._group.finish(is_clean=is_clean)
        return ProcessResult(status, self._text("stdout"), self._text("stderr"))

    def _drain(self, selector: selectors.BaseSelector) -> None:
        end = time.monotonic() + _DRAIN_SECONDS
        while selector.get_map() and (remaining := end - time.monotonic()) > 0:
            self._read(selector, min(remaining, _POLL_SECONDS))

    def _read(self, selector: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in selector.select(seconds):
            chunk = os.read(key.fd, _CHUNK)
            key.data.extend(chunk)
            if not chunk:
                selector.unregister(key.fileobj)
        if sum(map(len, self._output.values())) > self._program.output_limit:
            raise OutputTooLargeError(self._program.call, self._program.output_limit)

    def _wait_time(self, end: float, seconds: float) -> float:
        """Return how long to wait for output before the next look at the clock."""
        self._check(self._program.call)
        remaining = end - time.monotonic()
        if remaining <= 0:
            raise CallTimedOutError(self._program.call, seconds)
        return min(remaining, _POLL_SECONDS)

    def _text(self, name: str) -> str:
        return self._output[name].decode("utf-8", errors="replace")


@contextlib.contextmanager
def _started(program: Program) -> Generator[ProcessGroup]:
    """Start a program. At the end, end all its processes."""
    with _input_file(program.stdin) as stdin:

        def start(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
            return subprocess.Popen(  # noqa: S603 - the arguments are a list; there is no shell
                list(program.arguments),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )

        group = ProcessGroup(start, program.environment)
    try:
        yield group
    finally:
        group.end()
        for pipe in (group.process.stdout, group.process.stderr):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def _input_file(text: str) -> Generator[IO[bytes] | int]:
    """Open the standard input of a program: a file without a name, or nothing."""
    if not text:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode("utf-8"))
        file.seek(0)
        yield file


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
