"""The program that runs beside the hooks: kfctl against our proxy, or what builds manifests.

    python3 jobs/runner.py FOLDER

It reads one job as JSON from its standard input (`kfctl.run.job` or `jobs.build.job` makes it),
goes into the background once it has FOLDER for itself, and leaves there how it ends
(`jobs.workdir`).
"""

import contextlib
import json
import os
import sys
import time
from typing import Any, Dict, List, Union

from kubeflow_installer.jobs import build, workdir
from kubeflow_installer.jobs.build import Build
from kubeflow_installer.jobs.workdir import StepError
from kubeflow_installer.kfctl.run import Run


def main(argv: List[str]) -> int:
    """Take the job from standard input, go into the background, and run it in a folder."""
    folder = os.path.abspath(argv[0])
    os.makedirs(folder, mode=0o700, exist_ok=True)
    wanted = json.load(sys.stdin)
    with workdir.alone(folder) as alone:
        if not alone:
            return 0
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, workdir.RESULT))
        workdir.write(folder, workdir.PROGRESS, {"since": time.time(), "step": "start"})
        if os.fork():
            os._exit(0)  # the lock goes on with the other
        os.setsid()
        run = Build(folder, wanted) if build.is_one(wanted) else Run(folder, wanted)
        workdir.write(folder, workdir.RESULT, _outcome(run))
    return 0


def _outcome(run: Union[Run, Build]) -> Dict[str, Any]:
    """Run; whatever happens, say how it ended."""
    begun = time.monotonic()
    result: Dict[str, Any] = dict(workdir.FAILED)
    try:
        run.go()
        result.update(ok=True, step="")
    except StepError as error:
        result.update(step=error.step, message=str(error), passes=error.passes)
    except Exception as error:  # a run that says nothing would be begun for ever
        result["message"] = "%s: %s" % (type(error).__name__, error)
    finally:
        run.clean()
    result.update(
        objects=run.record.count if run.record else 0,
        foreign=run.record.foreign if run.record else [],
        seconds=round(time.monotonic() - begun, 1),
    )
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
