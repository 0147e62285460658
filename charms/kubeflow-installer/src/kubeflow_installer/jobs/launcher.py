"""What runs beside the hooks, as these see it: started, stopped, and how far it is.

The program is `jobs.runner`; what it does is the job's matter (`kfctl.run`, `jobs.build`), and
each run has a folder of its own (`jobs.workdir`).
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any, Dict, Mapping, NamedTuple, Tuple

from kubeflow_installer.jobs import runner, workdir
from labkube.client.key_directories import clear_remains

_PROGRAM = os.path.abspath(runner.__file__)

# `running`, or `ended`: `ok`, else `message` says why, and `passes` whether another run may help.
State = NamedTuple(
    "State",
    [
        ("running", bool),
        ("ended", bool),
        ("ok", bool),
        ("passes", bool),
        ("step", str),
        ("message", str),
        ("since", float),
    ],
)
_NONE = State(False, False, False, True, "", "", 0.0)


def start(folder: str, wanted: Mapping[str, Any]) -> bool:
    """Start a run that goes on after the hook has ended.

    Args:
        folder: Its folder; made where it is missing.
        wanted: The job.

    Returns:
        Whether it is started. It is not where one runs already; where Python does not start it,
        the state says why.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if state(folder).running:
        return False
    # Juju waits for a hook's output to be closed, so the program has a file of its own for that.
    with open(workdir.private(folder, workdir.OWN_LOG), "w") as log:
        done = subprocess.run(  # noqa: S603 - no shell
            [sys.executable, _PROGRAM, folder],
            cwd="/",
            env=_environment(),
            input=json.dumps(wanted).encode("utf-8"),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        told = "it did not start: " + _last_words(folder)
        workdir.write(folder, workdir.RESULT, dict(workdir.FAILED, message=told))
    return not done.returncode


def stop(folder: str, seconds: float = 10.0) -> bool:
    """End the run in a folder, and kfctl with it; what it made stays on the cluster.

    A run that is killed cannot take its secrets along, so they are removed here: its working
    folder, with the KfDef, and the files of its client.

    Args:
        folder: The run's folder.
        seconds: How long the run may take to go.

    Returns:
        Whether none runs there now.
    """
    end = time.monotonic() + seconds
    while not workdir.is_free(folder):
        pid = int(workdir.read(folder, workdir.PROGRESS).get("pid", 0))
        if _is_run(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    _forget(os.path.join(folder, workdir.WORK), end)
    clear_remains()
    return True


def state(folder: str) -> State:
    """Tell how far the run in a folder is."""
    since, step = _progress(folder)
    if not workdir.is_free(folder):
        return State(True, False, False, True, step, "", since)
    result = workdir.read(folder, workdir.RESULT)
    if result:
        return State(
            False, True, result["ok"], result["passes"], result["step"], result["message"], since
        )
    if not step:
        return _NONE
    return State(False, True, False, True, step, "it was cut off at %s" % step, since)


def _environment() -> Dict[str, str]:
    """Return the environment of the program: the charm's modules, and no proxies."""
    found = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
    found["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    found["PYTHONDONTWRITEBYTECODE"] = "1"
    return found


def _last_words(folder: str) -> str:
    path = os.path.join(folder, workdir.OWN_LOG)
    with open(path, encoding="utf-8", errors="replace") as log:
        return (log.read().strip().splitlines() or ["no word"])[-1]


def _forget(work: str, end: float) -> None:
    """Remove a working folder; kfctl, which goes with its parent, may still write for a moment."""
    while os.path.isdir(work):
        shutil.rmtree(work, ignore_errors=True)
        if time.monotonic() > end:
            return
        time.sleep(0.05)


def _is_run(pid: int) -> bool:
    """Tell whether a process is one of the program's: a number may be somebody else's by now."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return _PROGRAM.encode() in file.read().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _progress(folder: str) -> Tuple[float, str]:
    found = workdir.read(folder, workdir.PROGRESS)
    return float(found.get("since", 0)), str(found.get("step", ""))
