"""Produce a release's objects by building its manifests as a background job."""

import time
from typing import List, Optional

from kubeflow_installer.jobs import launcher, manifests_build
from kubeflow_installer.methods import job_directories
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.sources.archive import extract_program
from kubeflow_installer.sources.manifests import BuildInput, cache_key, load_cached
from labcharm.archives import ArchiveError
from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.polling import wait_until

# Seconds that a hook waits for a build; a later hook continues.
PATIENCE = 60.0


def produce(machine: Machine, home: str, request: InstallRequest) -> List[JsonObject]:
    """Return the built objects, or start the build and wait for a moment.

    Raises:
        BlockedError, WaitingError: While the build runs, or when it failed.
    """
    build = _build_input(machine, home, request)
    objects = load_cached(build)
    if objects is None:
        objects = _build(machine, home, request, build)
    job_directories.remove_except(machine.path(home), job_directories.BUILD)
    return objects


def _build_input(machine: Machine, home: str, request: InstallRequest) -> BuildInput:
    excluded = sorted(request.options.excluded)
    kustomize = _extract_kustomize(machine, home, request)
    cache = machine.path(home + "/built")
    return BuildInput(request.files["manifests"], kustomize, excluded, cache)


def _extract_kustomize(machine: Machine, home: str, request: InstallRequest) -> str:
    """Return the program's path; empty where the manifests are built already."""
    archive = request.files.get("kustomize", "")
    if not archive:
        return ""
    try:
        return extract_program(archive, "kustomize", machine.path(home + "/bin"))
    except ArchiveError as error:
        raise BlockedError(f"kustomize: {error}") from None


def _build(
    machine: Machine, home: str, request: InstallRequest, build: BuildInput
) -> List[JsonObject]:
    """Build the manifests in a background job, and wait for it for a moment.

    Raises:
        BlockedError, WaitingError: While it runs, or when it failed.
    """
    directory = machine.path(f"{home}/{job_directories.BUILD}{cache_key(build)[:16]}")
    job_directories.remove_except(machine.path(home), job_directories.BUILD, directory)
    earlier = launcher.read_state(directory)
    job = manifests_build.job(request.release.name, build, machine.proxies)
    launcher.start(directory, job)
    wait_until(lambda: not launcher.read_state(directory).is_running, PATIENCE, interval=0.1)
    state = launcher.read_state(directory)
    if state.is_running:
        raise WaitingError(f"{request.release.title}: {_progress(state, earlier)}")
    if not state.succeeded:
        raise WaitingError(state.message) if state.may_retry else BlockedError(state.message)
    objects: Optional[List[JsonObject]] = load_cached(build)
    if objects is None:
        raise WaitingError(f"{request.release.title}: the next hook builds the manifests again")
    return objects


def _progress(state: launcher.JobState, earlier: launcher.JobState) -> str:
    seconds = max(time.time() - state.since, 0)
    progress = f"building the manifests for {seconds:.0f} s"
    if earlier.has_ended and earlier.message:
        progress += f"; the previous build failed: {earlier.message}"
    return progress
