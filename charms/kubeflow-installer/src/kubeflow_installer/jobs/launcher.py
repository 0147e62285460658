"""Start and stop a background job from a hook, and read its progress.

The program is `jobs.runner`. What it does is defined by the job (`kfctl.run`,
`jobs.manifests_build`), and each job has a directory of its own (`jobs.workdir`).
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Dict, NamedTuple, Tuple

from kubeflow_installer.jobs import workdir
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labkube.client.key_directories import remove_stale

# Not imported here: it needs kfctl's proxy and more, which a hook without a job does not need.
_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runner.py")
# The program's path in earlier versions of the charm, whose jobs may still run after an upgrade.
_EARLIER_PROGRAM = os.path.join(_PROGRAM.rpartition("/kubeflow_installer/")[0], "kf_runner.py")


class JobState(NamedTuple):
    """The progress of a job.

    Attributes:
        is_running: Whether it runs.
        has_ended: Whether it has run and ended, with success or without.
        succeeded: Whether it completed without an error.
        may_retry: Whether another run may help after its failure.
        step: The step that it is in, or in which it failed.
        message: Why it failed.
        since: When it was started, in seconds since the epoch.
    """

    is_running: bool = False
    has_ended: bool = False
    succeeded: bool = False
    may_retry: bool = True
    step: str = ""
    message: str = ""
    since: float = 0.0


def start(directory: str, job: JsonObject) -> bool:
    """Start a job that goes on after the hook has ended.

    Args:
        directory: The job's directory; created when it is missing.
        job: The job.

    Returns:
        Whether the job was started. It is not started while another one runs in the directory.
        When Python cannot start it, the job's state says why.
    """
    os.makedirs(directory, mode=0o700, exist_ok=True)
    if read_state(directory).is_running:
        return False
    # Juju waits until a hook's output is closed, so the program writes to a file of its own.
    with open(workdir.create_private(directory, workdir.RUNNER_LOG), "w") as log:
        process = subprocess.run(  # noqa: S603 - no shell
            [sys.executable, _PROGRAM, directory],
            cwd="/",
            env=_environment(),
            input=json.dumps(job).encode("utf-8"),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if process.returncode:
        message = f"the job did not start: {_last_log_line(directory)}"
        workdir.write_json(directory, workdir.RESULT, dict(workdir.FAILED, message=message))
    return not process.returncode


def stop(directory: str, seconds: float = 10.0) -> bool:
    """End the job in a directory, and its kfctl; what it made on the cluster stays.

    A job that is killed cannot remove its secrets, so they are removed here: its working
    directory, which holds the KfDef, and the files of its API client.

    Args:
        directory: The job's directory.
        seconds: How long the job may take to end.

    Returns:
        Whether no job runs there now.
    """
    if not wait_until(lambda: _end_job(directory), seconds, interval=0.05):
        return False
    work = os.path.join(directory, workdir.WORK)
    wait_until(lambda: _remove_work(work), seconds, interval=0.05)
    remove_stale()
    return True


def _end_job(directory: str) -> bool:
    """Kill the job in a directory if one runs; return whether none was running."""
    if workdir.is_idle(directory):
        return True
    pid = workdir.read_json(directory, workdir.PROGRESS).get("pid")
    if isinstance(pid, int) and _is_runner(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return False


def _remove_work(work: str) -> bool:
    """Try to remove a working directory, where a kfctl that is ending may still write."""
    shutil.rmtree(work, ignore_errors=True)
    return not os.path.isdir(work)


def read_state(directory: str) -> JobState:
    """Return the progress of the job in a directory."""
    since, step = _read_progress(directory)
    if not workdir.is_idle(directory):
        return JobState(is_running=True, step=step, since=since)
    result = workdir.read_json(directory, workdir.RESULT)
    if result:
        result = dict(workdir.FAILED, **result)
        return JobState(
            has_ended=True,
            succeeded=bool(result["ok"]),
            may_retry=bool(result["passes"]),
            step=str(result["step"]),
            message=str(result["message"]),
            since=since,
        )
    if not step:
        return JobState()
    message = f"the job was interrupted at {step}"
    return JobState(has_ended=True, step=step, message=message, since=since)


def _environment() -> Dict[str, str]:
    """Return the program's environment: the charm's modules, and no proxies."""
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return environment


def _last_log_line(directory: str) -> str:
    path = os.path.join(directory, workdir.RUNNER_LOG)
    with open(path, encoding="utf-8", errors="replace") as log:
        return (log.read().strip().splitlines() or ["no output"])[-1]


def _is_runner(pid: int) -> bool:
    """Return whether a process runs the program; the number may have been reused."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
            return _PROGRAM.encode() in words or _EARLIER_PROGRAM.encode() in words
    except (FileNotFoundError, ProcessLookupError):
        return False


def _read_progress(directory: str) -> Tuple[float, str]:
    progress = workdir.read_json(directory, workdir.PROGRESS)
    since = progress.get("since")
    is_number = isinstance(since, (int, float))
    return float(since) if is_number else 0.0, str(progress.get("step", ""))
