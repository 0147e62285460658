"""Background jobs are started, stopped, and report how far they are."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from helpers.kubeflow.charm_path import python_path
from helpers.kubeflow.kfctl_jobs import HASH, job, run
from helpers.processes import is_gone, until
from kubeflow_installer.jobs import launcher


def test_state_of_a_job(tmp_path: Path) -> None:
    """None, running while the lock is held, cut off, ended."""
    directory = str(tmp_path / "run")
    assert launcher.read_state(directory) == launcher.JobState()
    Path(directory).mkdir()
    with Path(directory, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        progress = json.dumps({"since": 5.0, "step": "apply, 7 objects"})
        Path(directory, "progress.json").write_text(progress)
        state = launcher.read_state(directory)
        assert (state.is_running, state.step, state.since) == (True, "apply, 7 objects", 5.0)
        assert not launcher.start(directory, {})
    state = launcher.read_state(directory)
    assert (state.has_ended, state.succeeded, state.may_retry) == (True, False, True)
    assert state.message == "the job was interrupted at apply, 7 objects"


def test_stopped_run_leaves_no_secret(tmp_path: Path, monkeypatch: Any) -> None:
    """Kfctl is ended too; where no job runs there is nothing to do."""
    directory = str(tmp_path / "run")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    environment = launcher._environment()
    monkeypatch.setattr(
        launcher, "_environment", lambda: {**environment, "TMPDIR": str(tmp_path / "tmp")}
    )
    assert launcher.stop(directory)
    definition = job(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 300")
    certificate, key = pair(tmp_path)
    definition["access"].update(certificate=certificate, key=key)
    assert launcher.start(directory, definition)
    until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text().strip()))
    places = (tmp_path / "run", tmp_path / "tmp")
    assert holding(HASH, *places)
    assert launcher.stop(directory)
    assert launcher.read_state(directory).message.startswith("the job was interrupted at ")
    until(lambda: is_gone(int((tmp_path / "pid").read_text())))
    for secret in (HASH, key):
        assert holding(secret, *places) == []


def test_job_of_an_earlier_version_is_stopped(tmp_path: Path) -> None:
    """Its program had another path."""
    program = """\
        import fcntl, sys, time
        lock = open(sys.argv[2] + "/lock", "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        print("locked", flush=True)
        time.sleep(300)
    """
    path = Path(launcher.__file__).parents[2] / "kf_runner.py"
    command = [sys.executable, "-c", textwrap.dedent(program), str(path), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        (tmp_path / "progress.json").write_text(json.dumps({"pid": process.pid, "step": "apply"}))
        assert launcher.read_state(str(tmp_path)).is_running
        assert launcher.stop(str(tmp_path))
        assert process.wait(10) == -signal.SIGKILL


def test_stop_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    """For example after a power failure."""
    (tmp_path / "run/work").mkdir(parents=True)
    (tmp_path / "run/work/kfdef.yaml").write_text(HASH)
    (tmp_path / "run/kfctl.log").write_text("why")
    assert launcher.stop(str(tmp_path / "run"))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["kfctl.log"]


def pair(directory: Path) -> tuple[str, str]:
    """Return a new client certificate and its key."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout key -out crt"
    subprocess.run(command.split(), cwd=directory, check=True, capture_output=True)
    return (directory / "crt").read_text(), (directory / "key").read_text()


def holding(text: str, *folders: Path) -> list[Path]:
    """Return the files that contain a text."""
    files = [path for directory in folders for path in directory.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def test_state_of_a_job_that_does_not_start_has_the_reason(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """Here Python does not find the modules."""
    monkeypatch.setattr(sys, "path", [])
    definition = job(tmp_path, "true")
    assert not launcher.start(str(tmp_path / "run"), definition)
    state = launcher.read_state(str(tmp_path / "run"))
    assert (state.has_ended, state.succeeded, state.may_retry) == (True, False, True)
    assert state.message.startswith("the job did not start: ModuleNotFoundError: ")


def test_unexpected_error_is_reported(tmp_path: Path) -> None:
    """No job ends without a message."""
    state, _ = run(tmp_path / "run", job(tmp_path, "true", "9.9"))
    assert (state.has_ended, state.succeeded) == (True, False)
    assert state.message.startswith("FileNotFoundError: ")


def test_job_does_not_inherit_the_hooks_proxies(tmp_path: Path, monkeypatch: Any) -> None:
    """The API and kfctl's sources are reached without a proxy."""
    for name in ("http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    script = "tr '\\0' '\\n' < /proc/$PPID/environ; env; exit 0"
    assert run(tmp_path / "run", job(tmp_path, script))[0].succeeded
    log = (tmp_path / "run/kfctl.log").read_text().lower()
    assert "http_proxy=" not in log
    assert "https_proxy=" not in log


def test_job_outlives_the_hook(tmp_path: Path) -> None:
    """It is in a session of its own, and holds no file of the hook's open."""
    session = f"cut -d' ' -f6 /proc/$PPID/stat > {tmp_path}/session"
    script = f"{session}; ls -l /proc/$PPID/fd > {tmp_path}/open"
    with subprocess.Popen(["sleep", "0"], stdout=subprocess.PIPE) as hook:
        assert run(tmp_path / "run", job(tmp_path, script))[0].succeeded
        assert hook.stdout is not None
        pipe = str(Path(f"/proc/self/fd/{hook.stdout.fileno()}").readlink())
    assert int((tmp_path / "session").read_text()) != os.getsid(0)
    assert pipe not in (tmp_path / "open").read_text()


def test_hook_without_a_job_does_not_import_what_jobs_need() -> None:
    """It takes a tenth of the time of all imports."""
    text = "import sys, kubeflow_installer.jobs.launcher; print(*sys.modules)"
    environment = {**launcher._environment(), "PYTHONPATH": python_path()}
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert "kubeflow_installer.jobs.launcher" in done.stdout.split()
    assert not {"kubeflow_installer.jobs.runner", "http.server"} & set(done.stdout.split())
