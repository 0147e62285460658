"""Produce a release's objects by running kfctl as a background job."""

import hashlib
import json
import os
from typing import List

from kubeflow_installer.jobs import launcher, workdir
from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.methods import job_directories
from kubeflow_installer.methods.request import InstallRequest
from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.proxies import DIRECT, ProxySettings
from labkube.client.references import ref_of

# Seconds. `apply` of 0.6 waits 400 for an address. Later releases try a component for up to 600,
# and a component that uses cert-manager's webhook must wait until its images are pulled.
_LIMITS = {"init": 600.0, "generate": 600.0, "apply": 5400.0}
# Seconds between repetitions of `apply`; each goes through all objects again. They help against
# races (kubeflow/kubeflow #3750, #3989; kubeflow/kfctl #154) that end when a webhook's pods run.
_PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)


def produce(machine: Machine, home: str, request: InstallRequest, adopt: bool) -> List[JsonObject]:
    """Return the objects that kfctl made, or start kfctl.

    Raises:
        BlockedError, WaitingError: While kfctl runs, or when it failed.
    """
    directory = machine.path(_directory(home, request))
    job_directories.remove_except(machine.path(home), job_directories.KFCTL_RUN, directory)
    state = launcher.read_state(directory)
    if state.is_running:
        raise WaitingError(f"{request.release.title}: kfctl: {state.step}")
    if state.has_ended and state.succeeded:
        return _recorded_objects(directory)
    launcher.start(directory, job(request, adopt, machine.proxies))
    if state.has_ended and state.message:
        message = f"kfctl failed: {state.message}; the charm starts it again"
        raise WaitingError(message) if state.may_retry else BlockedError(message)
    raise WaitingError(f"{request.release.title}: kfctl is starting")


def job(
    request: InstallRequest, adopt: bool = False, proxies: ProxySettings = DIRECT
) -> JsonObject:
    """Return the job that `kfctl.run` executes for a request. It holds secrets, but no password.

    Args:
        request: What is to be installed.
        adopt: Whether foreign objects of these names are taken over.
        proxies: The model's proxy settings, for the requests to the API server.
    """
    return {
        "release": request.release.name,
        "application": request.application,
        "access": dict(vars(request.access)),
        "proxies": list(proxies),
        "fitting": dict(request.settings._asdict()),
        "user": request.first_user,
        "excluded": sorted(request.options.excluded),
        "files": {name: request.files[name] for name in sorted(request.files)},
        "adopt": adopt,
        "seconds": dict(_LIMITS),
        "pauses": list(_PAUSES),
    }


def has_finished(machine: Machine, home: str, request: InstallRequest) -> bool:
    """Return whether kfctl completed on this machine for exactly this request."""
    state = launcher.read_state(machine.path(_directory(home, request)))
    return state.has_ended and state.succeeded


def _directory(home: str, request: InstallRequest) -> str:
    """Return the directory of kfctl's run for a request.

    Settings that only the transformation uses do not change the directory. With 0.6 the host name
    does, because kfctl 0.6 writes it into the objects.
    """
    words = [request.release.name, request.digest, *sorted(request.options.excluded)]
    if kfdef.has_three_steps(request.release.name):
        words.append(request.options.hostname)
    digest = hashlib.sha256(" ".join(words).encode("utf-8")).hexdigest()
    return f"{home}/{job_directories.KFCTL_RUN}{digest[:16]}"


def _recorded_objects(directory: str) -> List[JsonObject]:
    """Return the objects that kfctl made, each in its last version."""
    with open(os.path.join(directory, workdir.OBJECTS), encoding="utf-8") as file:
        manifests = [json.loads(line) for line in file]
    return list({ref_of(manifest): manifest for manifest in manifests}.values())
