"""One run of kfctl: the job, the steps with their limits and tries, and what they leave.

A run that is cut off is begun again from the start: objects that are as wanted are only read.
"""

import os
import shutil
import tarfile
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

from kubeflow_installer.jobs import child, workdir
from kubeflow_installer.jobs.workdir import LOG, OBJECTS, StepError
from kubeflow_installer.kfctl import kfdef as kfdef_module
from kubeflow_installer.kfctl.interceptor import Intake, Record
from kubeflow_installer.kfctl.program import Kfctl, Step, why
from kubeflow_installer.kfctl.proxy import Proxy, Upstream
from kubeflow_installer.sources import archive
from kubeflow_installer.transform import transform
from labcharm.text import some
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import Api

_CHARM = "kubeflow-installer"
# Seconds. `apply` of 0.6 waits 400 for an address; later ones try a component for up to 600, and
# cert-manager's webhook needs its pods, so its images, before the components that use it.
_LIMITS = {"init": 600.0, "generate": 600.0, "apply": 5400.0}
# Seconds between tries of `apply`; each goes through all objects again. The races that these are
# for (kubeflow/kubeflow #3750, #3989; kubeflow/kfctl #154) are over when a webhook's pods run.
_PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)
# Seconds that kfctl goes on after it met an object of somebody else's, to meet more of them.
_GRACE = 30.0
# The gateway's certificate is made by the charm (`ingress.gateway`), with the address in it.
_WITHHELD = (("Secret", "istio-system", "istio-ingressgateway-certs"),)
# Names of archives in a job, by the names that KfDefs have for them.
_ARCHIVES = {"kubeflow": "platform", "manifests": "manifests"}


def job(request: Any, adopt: bool = False) -> Dict[str, Any]:
    """Return the job for a request (`methods.Request`). It holds secrets, but no password.

    Args:
        request: What is asked for.
        adopt: Whether somebody else's objects of these names are taken over.
    """
    fitting, access = request.fitting, request.access
    return {
        "release": request.release.name,
        "application": request.application,
        "access": dict(vars(access)),
        "fitting": dict(fitting._asdict()),
        "user": request.first_user,
        "excluded": sorted(request.options.excluded),
        "files": {name: request.files[name] for name in sorted(request.files)},
        "adopt": adopt,
        "seconds": dict(_LIMITS),
        "pauses": list(_PAUSES),
    }


class Run:
    """One run of kfctl from its beginning to its end.

    Args:
        folder: The run's folder.
        wanted: The job.
    """

    def __init__(self, folder: str, wanted: Mapping[str, Any]) -> None:
        self._folder, self._job = folder, wanted
        self._work = os.path.join(folder, workdir.WORK)
        self._since = time.time()
        self._told = ("", 0)
        self.record: Optional[Record] = None
        self._tell("start")

    def go(self) -> None:
        """Run all steps.

        Raises:
            StepError: When one fails for good.
        """
        self.clean()
        os.makedirs(self._work, mode=0o700)
        self._tell("unpack")
        program = self._program()
        files = self._files()
        kept = os.path.join(self._folder, OBJECTS)
        record = self.record = Record(kept + ".part", _lines(kept))
        access = Access(**self._job["access"])
        api = Api(access)
        try:
            with Proxy(Upstream(access), self._intake(api, record), files) as proxy:
                self._steps(program, proxy, record)
        finally:
            api.close()
            record.close()
        os.rename(kept + ".part", kept)

    def clean(self) -> None:
        """Remove what kfctl leaves in its folder: the sources, and the secrets in its files."""
        shutil.rmtree(self._work, ignore_errors=True)

    def _program(self) -> str:
        try:
            return archive.program(self._job["files"]["kfctl"], "kfctl", self._work)
        except archive.ArchiveError as error:
            raise StepError("unpack", str(error), False) from None

    def _files(self) -> Dict[str, str]:
        """Return the sources by their paths in a URL; kfctl knows an archive by its name's end."""
        found = {}
        for name in kfdef_module.repositories(self._job["release"]):
            path = self._job["files"][_ARCHIVES[name]]
            if not _is_tar_gz(path):
                told = "%s is no .tar.gz, which is all that kfctl reads"
                raise StepError("unpack", told % os.path.basename(path), False)
            found[_path(name)] = path
        return found

    def _intake(self, api: Api, record: Record) -> Intake:
        wanted = self._job
        fitting = _fitting(wanted)
        profile = kfdef_module.profile(wanted["release"], wanted["user"])
        # Later releases wait for the namespace of a Profile that none of their components makes.
        awaited = {profile: "Profile"} if profile else {"anonymous": ""}
        return Intake(
            api,
            Objects(api, wanted["application"], _CHARM, ()),
            record,
            lambda found: transform.fit(found, fitting),
            _WITHHELD,
            awaited,
            bool(wanted["adopt"]),
        )

    def _steps(self, program: str, proxy: Proxy, record: Record) -> None:
        wanted, fitting = self._job, _fitting(self._job)
        names = kfdef_module.repositories(wanted["release"])
        uris = {name: proxy.url + _path(name) for name in names}
        kfdef = kfdef_module.render(
            wanted["release"], wanted["user"], fitting.password_hash, wanted["excluded"], uris
        )
        kfctl = Kfctl(wanted["release"], self._work, kfdef, proxy.api)
        environment = kfctl.environment(wanted["user"], fitting.hostname)
        hidden = [proxy.secret, fitting.password_hash]
        hidden += [wanted["access"]["token"], wanted["access"]["key"]]
        with open(workdir.private(self._folder, LOG), "w", encoding="utf-8") as log:
            for step in kfctl.steps():

                def once(seconds: float, step: Step = step) -> child.Ended:
                    kfctl.prepare(step)
                    command, stop = [program, *step.args], self._watch(step.name, record)
                    return child.run(command, step.folder, environment, log, hidden, seconds, stop)

                self._step(step, once, record)

    def _step(self, step: Step, once: Callable[[float], child.Ended], record: Record) -> None:
        """Run a step, again while that may help and its time is not over."""
        seconds = float(self._job["seconds"][step.name])
        end = time.monotonic() + seconds
        pauses = list(self._job["pauses"]) if step.again else []
        while True:
            ended = once(max(end - time.monotonic(), 0.0))
            if record.foreign:
                told = "not made by this application: %s" % some(record.foreign)
                raise StepError(step.name, told, False)
            if ended.late:
                told = "kfctl %s did not end within %d s" % (step.name, seconds)
                raise StepError(step.name, told, step.again)
            if ended.code == 0:
                return
            if not pauses:
                raise StepError(step.name, why(ended.words), step.again)
            pause = pauses.pop(0)
            self._tell("%s, again in %d s: %s" % (step.name, pause, why(ended.words)))
            time.sleep(min(pause, max(end - time.monotonic(), 0.0)))

    def _watch(self, step: str, record: Record) -> Callable[[], bool]:
        """Return what looks at a running step: tells its progress, and whether to end it."""
        met: List[float] = []

        def look() -> bool:
            self._tell(step, record.count)
            if record.foreign and not met:
                met.append(time.monotonic())
            return bool(met) and time.monotonic() - met[0] > _GRACE

        return look

    def _tell(self, step: str, count: int = 0) -> None:
        if (step, count) != self._told:
            self._told = (step, count)
            told = "%s, %d objects" % (step, count) if count else step
            progress = {"since": self._since, "step": told, "pid": os.getpid()}
            workdir.write(self._folder, workdir.PROGRESS, progress)


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readlines()
    except FileNotFoundError:
        return []


def _path(name: str) -> str:
    return "/sources/%s.tar.gz" % name


def _fitting(wanted: Mapping[str, Any]) -> transform.Fitting:
    found = dict(wanted["fitting"])
    found["tolerations"] = tuple(transform.Toleration(*one) for one in found["tolerations"])
    return transform.Fitting(**found)


def _is_tar_gz(path: str) -> bool:
    try:
        with tarfile.open(path, "r:gz") as tar:
            return tar.next() is not None
    except (tarfile.TarError, OSError, EOFError):
        return False
