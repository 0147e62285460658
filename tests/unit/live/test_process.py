"""Other programs: time limits, output, and the processes that they leave."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from botlab.live.errors import CallTimedOutError
from botlab.live.process import (
    OutputTooLargeError,
    ProcessResult,
    ProcessRunner,
    Program,
    StoppedError,
)
from helpers.processes import is_gone, until


def run(script: str, seconds: float = 10, **options: object) -> ProcessResult:
    program = Program(["sh", "-c", script], "a call", **options)  # type: ignore[arg-type]
    return ProcessRunner().run(program, seconds)


def processes_of(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


def test_result_has_status_and_both_streams() -> None:
    assert run("echo out; echo err >&2; exit 3") == ProcessResult(3, "out\n", "err\n")


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert run(r"printf 'a\377b'").stdout == "a\ufffdb"


def test_standard_input_is_empty_unless_a_text_is_given() -> None:
    assert run("cat").stdout == ""
    assert run("cat", stdin="päss\n").stdout == "päss\n"


def test_environment_is_inherited_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTLAB_TEST_VALUE", "inherited")
    assert run("echo $BOTLAB_TEST_VALUE").stdout == "inherited\n"
    assert run("echo $BOTLAB_TEST_VALUE", environment={}).stdout == "\n"


def test_program_that_does_not_exist_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        ProcessRunner().run(Program(["/nonexistent/juju"], "juju status"), 1)


def test_time_limit_ends_a_program_and_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    start = time.monotonic()
    with pytest.raises(CallTimedOutError) as caught:
        run(f"sleep 300 & echo $$ $! > {pids}; sleep 300", seconds=0.5)
    assert time.monotonic() - start < 60
    assert caught.value.call == "a call"
    assert str(caught.value) == (
        "a call: no answer within 0.5 seconds; check that the controller is up"
        " (juju show-controller) and repeat the command"
    )
    until(lambda: all(map(is_gone, processes_of(pids))))


def test_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(CallTimedOutError):
        run(f"trap '' TERM; echo $$ > {pids}; sleep 300; sleep 300", seconds=0.3)
    until(lambda: all(map(is_gone, processes_of(pids))))


def test_child_that_keeps_the_pipes_open_does_not_delay_the_result(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    start = time.monotonic()
    assert run(f"sleep 300 & echo $! > {pids}; echo done").stdout == "done\n"
    assert time.monotonic() - start < 60
    until(lambda: all(map(is_gone, processes_of(pids))))


def test_child_without_pipes_does_not_outlive_the_program(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    run(f"sleep 300 >/dev/null 2>&1 & echo $! > {pids}")
    until(lambda: all(map(is_gone, processes_of(pids))))


@pytest.mark.parametrize("end", ["sleep 300", "exit 0"])
def test_child_that_leaves_the_session_is_ended_too(tmp_path: Path, end: str) -> None:
    """Its parent has ended, and only its environment shows where it comes from."""
    pids = tmp_path / "pids"
    detached = f"setsid sh -c \"trap '' TERM; echo \\$\\$ > {pids}; while :; do sleep 1; done\""
    with contextlib.suppress(CallTimedOutError):
        run(f"({detached} &); until [ -s {pids} ]; do sleep 0.1; done; {end}", seconds=1.5)
    until(lambda: all(map(is_gone, processes_of(pids))))


def test_program_that_closes_its_output_is_awaited() -> None:
    assert run("exec >&- 2>&-; sleep 0.3; exit 4") == ProcessResult(4, "", "")


def test_program_that_closes_its_output_has_a_time_limit() -> None:
    with pytest.raises(CallTimedOutError):
        run("exec >&- 2>&-; sleep 300", seconds=0.3)


def test_program_that_prints_too_much_is_ended() -> None:
    assert len(run("head -c 1048576 /dev/zero", output_limit=1048576).stdout) == 1048576
    with pytest.raises(OutputTooLargeError, match=r"^a call: it printed more than 1 MiB and"):
        run("cat /dev/zero", output_limit=1048576)


def test_program_ended_by_a_signal_has_a_negative_status() -> None:
    assert run("kill -KILL $$").status == -9


def test_closed_runner_refuses_programs() -> None:
    runner = ProcessRunner()
    runner.close()
    with pytest.raises(
        StoppedError, match=r"^juju status: stopped, because botlab is being ended"
    ):
        runner.run(Program(["true"], "juju status"), 1)


def test_runner_restores_the_handlers_of_signals() -> None:
    handlers = [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)]
    runner = ProcessRunner()
    runner.open()
    assert signal.getsignal(signal.SIGTERM) != handlers[1]
    runner.close()
    assert [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)] == handlers


# Runs two programs in threads and one in the main thread, as the command `verify` does.
INTERRUPTED = """
import sys, concurrent.futures
from botlab.live.process import ProcessRunner, Program

runner = ProcessRunner()
runner.open()
def call(number):
    script = f"echo $$ > {sys.argv[1]}/{number}; trap '' TERM; sleep 300 & echo $! >> " \\
             f"{sys.argv[1]}/{number}; mv {sys.argv[1]}/{number} {sys.argv[1]}/{number}.pids; " \\
             f"while :; do sleep 300; done"
    return runner.run(Program(["sh", "-c", script], "a call"), 250)
try:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(call, number) for number in range(4)]
        call(9)
except KeyboardInterrupt:
    sys.exit(130)
finally:
    runner.close()
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
@pytest.mark.parametrize("times", [1, 2])
def test_signal_ends_the_programs_of_all_threads(
    tmp_path: Path, number: signal.Signals, status: int, times: int
) -> None:
    """Two calls of the pool run, and two wait in its queue. These never start."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], env=environment
    ) as process:
        until(lambda: len(list(tmp_path.glob("*.pids"))) == 3)
        for _ in range(times):
            process.send_signal(number)
            time.sleep(0.2)
        assert process.wait(timeout=15) == status
    pids = [pid for file in tmp_path.glob("*.pids") for pid in processes_of(file)]
    assert len(pids) == 6
    until(lambda: all(map(is_gone, pids)))
    assert len(list(tmp_path.iterdir())) == 3


def test_closed_runner_has_ended_the_programs_of_other_threads(tmp_path: Path) -> None:
    """The thread may be a daemon, which would not live long enough to end its program."""
    pid_file = tmp_path / "pid"
    program = Program(["sh", "-c", f"echo $$ > {pid_file}; sleep 60"], "a call")
    runner = ProcessRunner()
    errors: list[Exception] = []

    def run() -> None:
        try:
            runner.run(program, 60)
        except StoppedError as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    until(lambda: pid_file.exists() and bool(pid_file.read_text()))

    runner.close()

    assert is_gone(int(pid_file.read_text()))
    thread.join(5)
    assert len(errors) == 1
