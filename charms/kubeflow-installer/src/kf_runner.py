"""The program that runs kfctl: beside the hooks, against our proxy, again where it fails.

    python3 kf_runner.py FOLDER

It reads one job as JSON from its standard input (`job` makes it; `building` one that builds
manifests instead), goes into the background once it has FOLDER for itself, and leaves there:

- lock: held while it runs, so that there is one;
- progress.json: since when, and which step;
- kfctl.log: what kfctl prints;
- objects.jsonl: what kfctl made, an object a line, not fitted; there when a run came to its end;
- result.json: how it ended.

A run that is cut off is begun again from the start: objects that are as wanted are only read.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    Union,
)

import kf_archive
import kf_child
import kf_fit
import kf_kfdef
import kf_manifests
from kf_intake import Intake, Record
from kf_kfctl import Kfctl, Step, why
from kf_proxy import Proxy, Upstream
from labcharm.machine import Machine
from labcharm.words import some
from labkube.access import Access
from labkube.api import Api, clear_remains
from labkube.objects import Objects

OBJECTS = "objects.jsonl"
LOG = "kfctl.log"
_LOCK, _PROGRESS, _RESULT, _WORK = "lock", "progress.json", "result.json", "work"
_OWN_LOG = "runner.log"
_FAILED = {"ok": False, "passes": True, "step": "start", "message": ""}
_CHARM = "kubeflow-installer"
# Seconds. `apply` of 0.6 waits 400 for an address; later ones try a component for up to 600, and
# cert-manager's webhook needs its pods, so its images, before the components that use it.
LIMITS = {"init": 600.0, "generate": 600.0, "apply": 5400.0}
# Seconds between tries of `apply`; each goes through all objects again. The races that these are
# for (kubeflow/kubeflow #3750, #3989; kubeflow/kfctl #154) are over when a webhook's pods run.
PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)
# Seconds that kfctl goes on after it met an object of somebody else's, to meet more of them.
_GRACE = 30.0
# The gateway's certificate is made by the charm (`kf_gateway`), with the address in it.
_WITHHELD = (("Secret", "istio-system", "istio-ingressgateway-certs"),)
# Names of archives in a job, by the names that KfDefs have for them.
_ARCHIVES = {"kubeflow": "platform", "manifests": "manifests"}

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


class StepError(Exception):
    """A step that failed; the text says why."""

    def __init__(self, step: str, message: str, passes: bool = True) -> None:
        super().__init__(message)
        self.step, self.passes = step, passes


# For the hooks.


def job(request: Any, adopt: bool = False) -> Dict[str, Any]:
    """Return the job for a request (`kf_methods.Request`). It holds secrets, but no password.

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
        "seconds": dict(LIMITS),
        "pauses": list(PAUSES),
    }


def building(release: str, wanted: Any, environment: Mapping[str, str]) -> Dict[str, Any]:
    """Return the job of building manifests.

    Args:
        release: Its name.
        wanted: Source, program, components that are left out, and cache (`kf_methods.Job`).
        environment: Of kustomize, with the proxies: some releases fetch while they are built.
    """
    told = [wanted.source, wanted.kustomize, release, wanted.excluded, wanted.cache]
    return {"builds": told, "environment": dict(environment)}


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
    with open(_private(folder, _OWN_LOG), "w") as log:
        done = subprocess.run(  # noqa: S603 - no shell
            [sys.executable, os.path.abspath(__file__), folder],
            cwd="/",
            env=_environment(),
            input=json.dumps(wanted).encode("utf-8"),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        with open(os.path.join(folder, _OWN_LOG), encoding="utf-8", errors="replace") as log:
            words = log.read().strip().splitlines() or ["no word"]
        _write(folder, _RESULT, dict(_FAILED, message="it did not start: " + words[-1]))
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
    while not _is_free(folder):
        pid = int(_read(os.path.join(folder, _PROGRESS)).get("pid", 0))
        if _is_run(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    _forget(os.path.join(folder, _WORK), end)
    clear_remains()
    return True


def _forget(work: str, end: float) -> None:
    """Remove a working folder; kfctl, which goes with its parent, may still write for a moment."""
    while os.path.isdir(work):
        shutil.rmtree(work, ignore_errors=True)
        if time.monotonic() > end:
            return
        time.sleep(0.05)


def _is_run(pid: int) -> bool:
    """Tell whether a process is one of this program's: a number may be somebody else's by now."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return os.path.abspath(__file__).encode() in file.read().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def state(folder: str) -> State:
    """Tell how far the run in a folder is."""
    since, step = _progress(folder)
    if not _is_free(folder):
        return State(True, False, False, True, step, "", since)
    result = _read(os.path.join(folder, _RESULT))
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


def _progress(folder: str) -> Tuple[float, str]:
    found = _read(os.path.join(folder, _PROGRESS))
    return float(found.get("since", 0)), str(found.get("step", ""))


def _read(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file))
    except (FileNotFoundError, ValueError):
        return {}


def _is_free(folder: str) -> bool:
    try:
        with open(os.path.join(folder, _LOCK)) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _private(folder: str, name: str) -> str:
    """Return a path whose file nobody else may read."""
    path = os.path.join(folder, name)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    return path


def _write(folder: str, name: str, found: Mapping[str, Any]) -> None:
    """Write a file of the folder, whole or not at all."""
    path = _private(folder, name + ".part")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path, os.path.join(folder, name))


# The program.


def main(argv: List[str]) -> int:
    """Take the job from standard input, go into the background, and run it in a folder."""
    folder = os.path.abspath(argv[0])
    os.makedirs(folder, mode=0o700, exist_ok=True)
    wanted = json.load(sys.stdin)
    with _alone(folder) as alone:
        if not alone:
            return 0
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, _RESULT))
        _write(folder, _PROGRESS, {"since": time.time(), "step": "start"})
        if os.fork():
            os._exit(0)  # the lock goes on with the other
        os.setsid()
        run = Build(folder, wanted) if "builds" in wanted else Run(folder, wanted)
        _write(folder, _RESULT, _outcome(run))
    return 0


def _outcome(run: Union["Run", "Build"]) -> Dict[str, Any]:
    """Run; whatever happens, say how it ended."""
    begun = time.monotonic()
    result: Dict[str, Any] = dict(_FAILED)
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


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[bool]:
    """Hold the folder's lock; give whether it was free."""
    with open(_private(folder, _LOCK), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


class Build:
    """Manifests that are built.

    Args:
        folder: The run's folder.
        wanted: The job.
    """

    record = None

    def __init__(self, folder: str, wanted: Mapping[str, Any]) -> None:
        self._job = wanted
        progress = {"since": time.time(), "step": "build", "pid": os.getpid()}
        _write(folder, _PROGRESS, progress)

    def go(self) -> None:
        """Build them; the result is in the cache then.

        Raises:
            StepError: When that fails.
        """
        try:
            kf_manifests.objects(Machine("", self._job["environment"]), *self._job["builds"])
        except kf_manifests.ManifestsError as error:
            raise StepError("build", str(error), error.passes) from None

    def clean(self) -> None:
        """Leave nothing; what builds has removed what it made on the way."""


class Run:
    """One run of kfctl from its beginning to its end.

    Args:
        folder: The run's folder.
        wanted: The job.
    """

    def __init__(self, folder: str, wanted: Mapping[str, Any]) -> None:
        self._folder, self._job = folder, wanted
        self._work = os.path.join(folder, _WORK)
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
            return kf_archive.program(self._job["files"]["kfctl"], "kfctl", self._work)
        except kf_archive.ArchiveError as error:
            raise StepError("unpack", str(error), False) from None

    def _files(self) -> Dict[str, str]:
        """Return the sources by their paths in a URL; kfctl knows an archive by its name's end."""
        found = {}
        for name in kf_kfdef.repositories(self._job["release"]):
            path = self._job["files"][_ARCHIVES[name]]
            if not _is_tar_gz(path):
                told = "%s is no .tar.gz, which is all that kfctl reads"
                raise StepError("unpack", told % os.path.basename(path), False)
            found[_path(name)] = path
        return found

    def _intake(self, api: Api, record: Record) -> Intake:
        wanted = self._job
        fitting = _fitting(wanted)
        profile = kf_kfdef.profile(wanted["release"], wanted["user"])
        # Later releases wait for the namespace of a Profile that none of their components makes.
        awaited = {profile: "Profile"} if profile else {"anonymous": ""}
        return Intake(
            api,
            Objects(api, wanted["application"], _CHARM, ()),
            record,
            lambda found: kf_fit.fit(found, fitting),
            _WITHHELD,
            awaited,
            bool(wanted["adopt"]),
        )

    def _steps(self, program: str, proxy: Proxy, record: Record) -> None:
        wanted, fitting = self._job, _fitting(self._job)
        names = kf_kfdef.repositories(wanted["release"])
        uris = {name: proxy.url + _path(name) for name in names}
        kfdef = kf_kfdef.render(
            wanted["release"], wanted["user"], fitting.password_hash, wanted["excluded"], uris
        )
        kfctl = Kfctl(wanted["release"], self._work, kfdef, proxy.api)
        environment = kfctl.environment(wanted["user"], fitting.hostname)
        hidden = [proxy.secret, fitting.password_hash]
        hidden += [wanted["access"]["token"], wanted["access"]["key"]]
        with open(_private(self._folder, LOG), "w", encoding="utf-8") as log:
            for step in kfctl.steps():

                def once(seconds: float, step: Step = step) -> kf_child.Ended:
                    kfctl.prepare(step)
                    command, stop = [program, *step.args], self._watch(step.name, record)
                    return kf_child.run(
                        command, step.folder, environment, log, hidden, seconds, stop
                    )

                self._step(step, once, record)

    def _step(self, step: Step, once: Callable[[float], kf_child.Ended], record: Record) -> None:
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
            _write(
                self._folder, _PROGRESS, {"since": self._since, "step": told, "pid": os.getpid()}
            )


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readlines()
    except FileNotFoundError:
        return []


def _path(name: str) -> str:
    return "/sources/%s.tar.gz" % name


def _fitting(wanted: Mapping[str, Any]) -> kf_fit.Fitting:
    found = dict(wanted["fitting"])
    found["tolerations"] = tuple(kf_fit.Toleration(*one) for one in found["tolerations"])
    return kf_fit.Fitting(**found)


def _is_tar_gz(path: str) -> bool:
    try:
        with tarfile.open(path, "r:gz") as tar:
            return tar.next() is not None
    except (tarfile.TarError, OSError, EOFError):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
