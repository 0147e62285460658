"""Programs end with their parent, in time, and without secrets in their log."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from helpers.processes import is_gone, until
from kubeflow_installer.jobs import child as child_module
from kubeflow_installer.jobs import launcher

SRC = Path(launcher.__file__).parents[2]


def shell(
    script: str, directory: Path, seconds: float = 20, stop: Callable[[], bool] = lambda: False
) -> tuple[child_module.ProcessResult, str]:
    """Run a shell script as kfctl is run; return how it ended and its log."""
    with io.StringIO() as log:
        command = ["/bin/sh", "-c", script]
        result = child_module.run(
            command, str(directory), {"A": "b"}, log, ["s3cret", ""], seconds, stop
        )
        return result, log.getvalue()


def test_result_has_exit_code_and_output_without_secrets(tmp_path: Path) -> None:
    """Secrets are neither in the last lines nor in the log."""
    result, log = shell("env; pwd; echo the s3cret >&2; exit 3", tmp_path)
    assert (result.exit_code, result.timed_out) == (3, False)
    assert {"A=b", "the ***", str(tmp_path)} <= set(result.last_lines)
    assert not any(line.startswith(("HOME", "PYTHON", "http")) for line in result.last_lines)
    assert log.endswith(f"{tmp_path}\nthe ***\n")


def test_program_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    """The whole process group is killed."""
    result, _ = shell(f"sleep 300 & echo $! > {tmp_path}/pid; wait", tmp_path, seconds=0.5)
    assert (result.exit_code, result.timed_out) == (-signal.SIGKILL, True)
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_program_is_stopped_on_request(tmp_path: Path) -> None:
    """The callback decides."""
    result, _ = shell("sleep 300", tmp_path, stop=lambda: True)
    assert (result.exit_code, result.timed_out) == (-signal.SIGKILL, False)


def test_processes_that_a_program_leaves_are_killed(tmp_path: Path) -> None:
    """Also when the program ended by itself."""
    result, _ = shell(f"sleep 300 & echo $! > {tmp_path}/pid", tmp_path)
    assert result.exit_code == 0
    until(lambda: is_gone(int((tmp_path / "pid").read_text())))


def test_program_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """The parent cannot do anything about it any more."""
    program = f"""\
        import sys
        from kubeflow_installer.jobs import child
        script = "echo $$ > {tmp_path}/pid; exec sleep 300"
        child.run(["/bin/sh", "-c", script], "/", {{}}, sys.stderr, [], 300, lambda: False)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text().strip()))
    child = int((tmp_path / "pid").read_text())
    assert not is_gone(child)
    parent.kill()
    parent.wait()
    until(lambda: is_gone(child))


def test_program_without_its_parent_does_not_start() -> None:
    """It checks that its parent still exists."""
    command = [
        sys.executable,
        str(SRC / "kubeflow_installer/jobs/child.py"),
        "1",
        "/bin/echo",
        "started",
    ]
    process = subprocess.run(command, capture_output=True, text=True)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == "the parent process 1 has ended\n"
