"""The two ways in which a release's objects come about, behind one call.

kfctl makes them itself, against a recording proxy, and takes minutes; manifests are built here.
Either way the objects are then applied, kept right, pruned and removed by this charm.
"""

import hashlib
import json
import os
import shutil
import time
from typing import Dict, List, NamedTuple, Optional

from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.jobs import build as build_module
from kubeflow_installer.jobs import launcher, workdir
from kubeflow_installer.kfctl import kfdef, run
from kubeflow_installer.options import Options
from kubeflow_installer.releases.table import KFCTL, Release
from kubeflow_installer.sources import archive as archive_module
from kubeflow_installer.sources import manifests
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.transform.transform import Fitting
from labcharm.machine import Machine
from labkube.apply.references import ref_of
from labkube.client.access import Access
from labkube.client.api import Object

# Folders of what runs beside the hooks: kfctl, and kustomize.
_RUNS, _BUILDING = "run-", "building-"
# Seconds that a hook waits for manifests that are built; a later one goes on.
PATIENCE = 60.0

# What an installation is made from.
Request = NamedTuple(
    "Request",
    [
        ("release", Release),
        ("files", Dict[str, str]),
        # Why there are no files; what is installed goes on without.
        ("missing", str),
        ("digest", str),
        ("options", Options),
        ("credentials", Credentials),
        # Whom kfctl knows: it names the Profile after the user, so another name would be another
        # namespace. Whoever is the user now comes into the objects afterwards, by fitting.
        ("first_user", str),
        ("fitting", Fitting),
        ("access", Access),
        # What tells the application from others on the cluster.
        ("application", str),
    ],
)
# What `sources.manifests.kept` takes.
Job = NamedTuple(
    "Job", [("source", str), ("kustomize", str), ("excluded", List[str]), ("cache", str)]
)
# The objects, not fitted yet, once they are there; else what is waited for.
Built = NamedTuple("Built", [("objects", Optional[List[Object]]), ("waiting", str)])


class MethodError(Exception):
    """Objects that cannot be had this way; the text says what to do."""

    def __init__(self, message: str, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


def check(release: Release, options: Options) -> None:
    """Judge what of the options depends on the release alone.

    Raises:
        MethodError: When a component is excluded that the release does not have.
    """
    if release.method != KFCTL:
        return
    try:
        kfdef.check(release.name, options.excluded)
    except kfdef.UnknownComponentError as error:
        raise MethodError(str(error)) from None


def build(machine: Machine, home: str, request: Request, adopt: bool = False) -> Built:
    """Return a release's objects, or go on with making them.

    Args:
        machine: The machine.
        home: The charm's folder on it.
        request: What they are made from.
        adopt: Whether kfctl takes over objects of others; it makes its objects as it goes.

    Raises:
        MethodError: When they cannot be made.
    """
    if request.release.method == KFCTL:
        return _by_kfctl(machine, home, request, adopt)
    return _by_manifests(machine, home, request)


def _by_manifests(machine: Machine, home: str, request: Request) -> Built:
    try:
        job = _job(machine, home, request)
        found = manifests.kept(*job)
        waiting = "" if found is not None else _built(machine, home, request, job)
        found = manifests.kept(*job) if found is None else found
    except ManifestsError as error:
        raise MethodError(str(error), error.passes) from None
    except archive_module.ArchiveError as error:
        raise MethodError("kustomize: %s" % error) from None
    if found is not None:
        _forget_others(machine.path(home), _BUILDING, "")
    return Built(found, waiting or "the manifests are to be built again")


def _job(machine: Machine, home: str, request: Request) -> Job:
    excluded = sorted(request.options.excluded)
    kustomize = _kustomize(machine, home, request)
    return Job(request.files["manifests"], kustomize, excluded, machine.path(home + "/built"))


def _built(machine: Machine, home: str, request: Request, job: Job) -> str:
    """Let manifests be built beside the hooks, and wait for a moment.

    Returns:
        What is waited for; empty where it is done.

    Raises:
        ManifestsError: When they cannot be built.
    """
    folder = machine.path("%s/%s%s" % (home, _BUILDING, manifests.digest(*job[:3])[:16]))
    _forget_others(machine.path(home), _BUILDING, folder)
    before = launcher.state(folder)
    launcher.start(folder, build_module.job(request.release.name, job, machine.environment))
    end = time.monotonic() + PATIENCE
    seen = launcher.state(folder)
    while seen.running and time.monotonic() < end:
        time.sleep(0.1)
        seen = launcher.state(folder)
    if seen.running:
        told = "the manifests are being built, for %d s" % max(time.time() - seen.since, 0)
        return told + ("; before, " + before.message if before.ended and before.message else "")
    if not seen.ok:
        raise ManifestsError(seen.message, seen.passes)
    return ""


def _kustomize(machine: Machine, home: str, request: Request) -> str:
    """Return the program; empty where the manifests are built already."""
    archive = request.files.get("kustomize", "")
    if not archive:
        return ""
    return archive_module.program(archive, "kustomize", machine.path(home + "/bin"))


# kfctl.


def _by_kfctl(machine: Machine, home: str, request: Request, adopt: bool) -> Built:
    folder = machine.path(_folder(home, request))
    _forget_others(machine.path(home), _RUNS, folder)
    seen = launcher.state(folder)
    if seen.running:
        return Built(None, "kfctl: %s" % seen.step)
    if seen.ended and seen.ok:
        return Built(_recorded(folder), "")
    launcher.start(folder, run.job(request, adopt))
    if seen.ended and seen.message:
        told = "kfctl ended: %s; it is started again" % seen.message
        raise MethodError(told, seen.passes)
    return Built(None, "kfctl is started")


def made_by(request: Request) -> str:
    """Return the options that reach the objects only by making them anew, as OPTION=VALUE words.

    0.6 writes the host name into what it makes; all else is fitted afterwards.
    """
    release, options = request.release, request.options
    told = ["excluded-components=" + ",".join(sorted(set(options.excluded)))]
    if release.method == KFCTL and kfdef.in_steps(release.name):
        told.append("hostname=" + options.hostname)
    return " ".join(told)


def is_recorded(machine: Machine, home: str, request: Request) -> bool:
    """Tell whether kfctl ran to its end here, for this very request."""
    seen = launcher.state(machine.path(_folder(home, request)))
    return bool(seen.ended and seen.ok)


def _folder(home: str, request: Request) -> str:
    """Return where kfctl runs for a request; what is fitted afterwards makes no difference.

    0.6 writes the host name into what it makes.
    """
    told = [request.release.name, request.digest, *sorted(request.options.excluded)]
    told += [request.options.hostname] if kfdef.in_steps(request.release.name) else []
    digest = hashlib.sha256(" ".join(told).encode("utf-8")).hexdigest()
    return "%s/%s%s" % (home, _RUNS, digest[:16])


def stop(machine: Machine, home: str) -> None:
    """End what runs beside the hooks: kfctl would go on making what is taken away."""
    for prefix in (_RUNS, _BUILDING):
        for path in _folders(machine.path(home), prefix):
            launcher.stop(path)
    manifests.clear(machine.path(home + "/built"))


def _folders(home: str, prefix: str) -> List[str]:
    names = os.listdir(home) if os.path.isdir(home) else []
    return [os.path.join(home, name) for name in sorted(names) if name.startswith(prefix)]


def _forget_others(home: str, prefix: str, folder: str) -> None:
    for path in _folders(home, prefix):
        if path != folder:
            launcher.stop(path)
            shutil.rmtree(path, ignore_errors=True)


def _recorded(folder: str) -> List[Object]:
    """Return what kfctl made; its last word on each object counts."""
    with open(os.path.join(folder, workdir.OBJECTS), encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    return list({ref_of(one): one for one in found}.values())
