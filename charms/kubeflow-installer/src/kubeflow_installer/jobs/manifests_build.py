"""Building a release's manifests as a background job; `jobs.runner` runs it."""

import os
import time

from kubeflow_installer.jobs import workdir
from kubeflow_installer.sources import manifests
from kubeflow_installer.sources.manifests import BuildInput
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.proxies import ProxySettings


def job(release: str, build: BuildInput, proxies: ProxySettings) -> JsonObject:
    """Return the job that builds manifests.

    Args:
        release: The release's name.
        build: What they are built from.
        proxies: The model's proxy settings: of some releases, kustomize downloads parts.
    """
    builds = [build.source, build.kustomize, release, build.excluded, build.cache]
    return {"builds": builds, "proxies": list(proxies)}


def is_build_job(job: JsonObject) -> bool:
    """Return whether a job builds manifests."""
    return "builds" in job


class ManifestsBuild:
    """A build of manifests.

    Args:
        directory: The job's directory.
        job: The job.
    """

    step = "build"
    recording = None

    def __init__(self, directory: str, job: JsonObject) -> None:
        self._job = job
        progress = {"since": time.time(), "step": self.step, "pid": os.getpid()}
        workdir.write_json(directory, workdir.PROGRESS, progress)

    def run(self) -> None:
        """Build the manifests; their objects are then in the cache.

        Raises:
            BlockedError, WaitingError: When they cannot be built.
        """
        source, kustomize, release, excluded, cache = self._job["builds"]
        machine = Machine(proxies=ProxySettings(*self._job["proxies"]))
        build = BuildInput(source, kustomize, excluded, cache)
        manifests.load_or_build(machine, build, release)

    def clean(self) -> None:
        """Remove nothing: the build has removed its own files."""
