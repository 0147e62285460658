"""The program of background jobs: it runs kfctl against the proxy, or builds manifests.

    python3 jobs/runner.py DIRECTORY

It reads one job as JSON from its standard input (`methods.kfctl.job` or `jobs.manifests_build.job`
makes it). It goes into the background once it holds the lock of DIRECTORY, and writes there how it
ends (`jobs.workdir`).
"""

import contextlib
import json
import os
import sys
import time
from typing import List, Union

from kubeflow_installer.jobs import manifests_build, workdir
from kubeflow_installer.jobs.manifests_build import ManifestsBuild
from kubeflow_installer.kfctl.run import KfctlRun
from labcharm.errors import CharmError, WaitingError
from labcharm.json_types import JsonObject


def main(argv: List[str]) -> int:
    """Read the job from standard input, go into the background, and run it in a directory."""
    directory = os.path.abspath(argv[0])
    os.makedirs(directory, mode=0o700, exist_ok=True)
    job = json.load(sys.stdin)
    with workdir.exclusive(directory) as is_alone:
        if not is_alone:
            return 0
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, workdir.RESULT))
        progress = {"since": time.time(), "step": "start"}
        workdir.write_json(directory, workdir.PROGRESS, progress)
        if os.fork():
            os._exit(0)  # the child process keeps the lock
        os.setsid()
        run = _run_of(directory, job)
        workdir.write_json(directory, workdir.RESULT, _result(run))
    return 0


def _run_of(directory: str, job: JsonObject) -> Union[KfctlRun, ManifestsBuild]:
    if manifests_build.is_build_job(job):
        return ManifestsBuild(directory, job)
    return KfctlRun(directory, job)


def _result(run: Union[KfctlRun, ManifestsBuild]) -> JsonObject:
    """Run the job, and return how it ended, whatever happens."""
    start = time.monotonic()
    outcome: JsonObject = dict(workdir.FAILED)
    try:
        run.run()
        outcome.update(ok=True, step="")
    except CharmError as error:
        outcome.update(step=run.step, message=str(error), passes=isinstance(error, WaitingError))
    except Exception as error:  # a job without a result would be started again and again
        outcome["message"] = f"{type(error).__name__}: {error}"
    finally:
        run.clean()
    outcome.update(
        objects=run.recording.count if run.recording else 0,
        foreign=run.recording.foreign if run.recording else [],
        seconds=round(time.monotonic() - start, 1),
    )
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
