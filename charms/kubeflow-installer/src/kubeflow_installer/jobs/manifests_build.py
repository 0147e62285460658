"""Building a release's manifests as a background job; `jobs.runner` runs it."""

import os
import time
from typing import Mapping

from kubeflow_installer.jobs import workdir
from kubeflow_installer.sources import manifests
from kubeflow_installer.sources.manifests import BuildInput
from labcharm.json_types import JsonObject
from labcharm.machine import Machine


def job(release: str, build: BuildInput, environment: Mapping[str, str]) -> JsonObject:
    """Return the job that builds manifests.

    Args:
        release: The release's name.
        build: What they are built from.
        environment: kustomize's environment, with the proxies: some releases download parts while
            they are built.
    """
    builds = [build.source, build.kustomize, release, build.excluded, build.cache]
    return {"builds": builds, "environment": dict(environment)}


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
        machine = Machine("", self._job["environment"])
        build = BuildInput(source, kustomize, excluded, cache)
        manifests.load_or_build(machine, build, release)

    def clean(self) -> None:
        """Remove nothing: the build has removed its own files."""
