"""A run of kfctl: the steps with their time limits and repetitions, and the recording.

An interrupted run starts again from the beginning: objects in their desired state are only read.
"""

import os
import shutil
import tarfile
import time
from typing import Callable, Dict, List, Optional

from kubeflow_installer.jobs import child, workdir
from kubeflow_installer.jobs.workdir import LOG, OBJECTS
from kubeflow_installer.kfctl import kfdef as kfdef_module
from kubeflow_installer.kfctl.interceptor import RequestInterceptor
from kubeflow_installer.kfctl.program import Kfctl, Step, failure_reason
from kubeflow_installer.kfctl.proxy import ApiServerConnection, Proxy
from kubeflow_installer.kfctl.recording import Recording
from kubeflow_installer.sources import archive
from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.transform.transform import SiteSettings, transform_object
from labcharm.archives import ArchiveError, archive_errors
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.json_types import JsonObject
from labcharm.proxies import ProxySettings
from labcharm.text import summarize
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import Api

_CHARM = "kubeflow-installer"
# Seconds that kfctl continues after the first foreign object, so that more of them are found.
_GRACE = 30.0
# The charm makes the gateway's certificate (`ingress.gateway`), with the address in it.
_WITHHELD = (("Secret", "istio-system", "istio-ingressgateway-certs"),)
# Names of archives in a job, by their names in KfDefs.
_ARCHIVES = {"kubeflow": "platform", "manifests": "manifests"}


class KfctlRun:
    """A run of kfctl from its beginning to its end.

    Args:
        directory: The job's directory.
        job: The job, as `methods.kfctl.job` makes it.

    Attributes:
        step: The step that the run is in.
        recording: The objects that kfctl made; None before the first step.
    """

    def __init__(self, directory: str, job: JsonObject) -> None:
        self._directory, self._job = directory, job
        self._work = os.path.join(directory, workdir.WORK)
        self._settings = _settings(job)
        self._since = time.time()
        self._progress = ""
        self.step = "start"
        self.recording: Optional[Recording] = None
        self._report("start")

    def run(self) -> None:
        """Run all steps.

        Raises:
            BlockedError, WaitingError: When a step fails for good.
        """
        self.clean()
        os.makedirs(self._work, mode=0o700)
        self.step = "unpack"
        self._report(self.step)
        program = archive.extract_program(self._job["files"]["kfctl"], "kfctl", self._work)
        served_files = self._served_files()
        path = os.path.join(self._directory, OBJECTS)
        recording = self.recording = Recording(path + ".part", _lines(path))
        access = Access(**self._job["access"])
        proxies = ProxySettings(*self._job["proxies"])
        api = Api(access, proxies=proxies)
        try:
            interceptor = self._interceptor(api, recording)
            with Proxy(ApiServerConnection(access, proxies), interceptor, served_files) as proxy:
                self._run_steps(program, proxy, recording)
        finally:
            api.close()
            recording.close()
        os.rename(path + ".part", path)

    def clean(self) -> None:
        """Remove what kfctl leaves in its directory: the sources, and the secrets in its files."""
        shutil.rmtree(self._work, ignore_errors=True)

    def _served_files(self) -> Dict[str, str]:
        """Return the source archives by their paths in a URL.

        kfctl recognises an archive by the end of its name.
        """
        paths = {}
        for name in kfdef_module.repositories(self._job["release"]):
            path = self._job["files"][_ARCHIVES[name]]
            if not _is_tar_gz(path):
                filename = os.path.basename(path)
                raise BlockedError(f"{filename} is not a .tar.gz, the only format kfctl reads")
            paths[_url_path(name)] = path
        return paths

    def _interceptor(self, api: Api, recording: Recording) -> RequestInterceptor:
        profile = kfdef_module.profile(self._job["release"], self._job["user"])
        # Later releases wait for the namespace of a Profile that none of their components makes.
        awaited = {profile: "Profile"} if profile else {"anonymous": ""}
        return RequestInterceptor(
            api,
            Objects(api, self._job["application"], _CHARM, ()),
            recording,
            lambda manifest: transform_object(manifest, self._settings),
            _WITHHELD,
            awaited,
            bool(self._job["adopt"]),
        )

    def _run_steps(self, program: str, proxy: Proxy, recording: Recording) -> None:
        kfctl = Kfctl(self._job["release"], self._work, self._kfdef(proxy), proxy.api_url)
        environment = kfctl.environment(self._job["user"], self._settings.hostname)
        secrets = [proxy.secret, self._settings.password_hash, self._settings.login_key]
        secrets += [self._job["access"]["token"], self._job["access"]["key"]]
        with open(workdir.create_private(self._directory, LOG), "w", encoding="utf-8") as log:
            for step in kfctl.steps():

                def run_once(seconds: float, step: Step = step) -> child.ProcessResult:
                    kfctl.prepare(step)
                    return child.run(
                        [program, *step.args], step.directory, environment, log, secrets, seconds,
                        self._progress_watcher(step.name, recording),
                    )  # fmt: skip

                self._run_step(step, run_once, recording)

    def _kfdef(self, proxy: Proxy) -> str:
        names = kfdef_module.repositories(self._job["release"])
        return kfdef_module.render(
            self._job["release"],
            self._job["user"],
            self._settings.password_hash,
            self._job["excluded"],
            {name: proxy.url + _url_path(name) for name in names},
        )

    def _run_step(
        self,
        step: Step,
        run_once: Callable[[float], child.ProcessResult],
        recording: Recording,
    ) -> None:
        """Run a step; retry it while a retry may help and there is time."""
        self.step = step.name
        seconds = float(self._job["seconds"][step.name])
        deadline = time.monotonic() + seconds
        pauses = list(self._job["pauses"]) if step.may_repeat else []
        while True:
            result = run_once(max(deadline - time.monotonic(), 0.0))
            if recording.foreign:
                raise BlockedError(f"not made by this application: {summarize(recording.foreign)}")
            if result.timed_out:
                raise _step_error(step, f"kfctl {step.name} did not end within {seconds:.0f} s")
            if result.exit_code == 0:
                return
            reason = failure_reason(result.last_lines)
            if not pauses:
                raise _step_error(step, reason)
            pause = pauses.pop(0)
            self._report(f"{step.name}, retried in {pause:.0f} s: {reason}")
            time.sleep(min(pause, max(deadline - time.monotonic(), 0.0)))

    def _progress_watcher(self, step: str, recording: Recording) -> Callable[[], bool]:
        """Return a function that reports a step's progress and returns whether to end the step."""
        first_foreign: List[float] = []

        def should_stop() -> bool:
            count = recording.count
            self._report(f"{step}, {count} objects" if count else step)
            if recording.foreign and not first_foreign:
                first_foreign.append(time.monotonic())
            return bool(first_foreign) and time.monotonic() - first_foreign[0] > _GRACE

        return should_stop

    def _report(self, progress: str) -> None:
        """Write the progress file where the progress has changed."""
        if progress != self._progress:
            self._progress = progress
            content = {"since": self._since, "step": progress, "pid": os.getpid()}
            workdir.write_json(self._directory, workdir.PROGRESS, content)


def _step_error(step: Step, message: str) -> CharmError:
    """Return the error of a failed step; it is temporary if the step may be repeated."""
    return WaitingError(message) if step.may_repeat else BlockedError(message)


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readlines()
    except FileNotFoundError:
        return []


def _url_path(name: str) -> str:
    return f"/sources/{name}.tar.gz"


def _settings(job: JsonObject) -> SiteSettings:
    fields = dict(job["fitting"])
    fields["tolerations"] = tuple(Toleration(*row) for row in fields["tolerations"])
    fields["overrides"] = tuple((image, other) for image, other in fields["overrides"])
    fields["storage"] = ()  # kfctl's releases keep upstream's passwords
    return SiteSettings(**fields)


def _is_tar_gz(path: str) -> bool:
    try:
        with archive_errors(path, ""), tarfile.open(path, "r:gz") as tar:
            return tar.next() is not None
    except ArchiveError:
        return False
