"""Manifests that are built beside the hooks: the job, and what does it."""

import os
import time
from typing import Any, Dict, Mapping

from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.jobs import workdir
from kubeflow_installer.jobs.workdir import StepError
from kubeflow_installer.sources import manifests
from labcharm.machine import Machine


def job(release: str, wanted: Any, environment: Mapping[str, str]) -> Dict[str, Any]:
    """Return the job of building manifests.

    Args:
        release: Its name.
        wanted: Source, program, components that are left out, and cache (`methods.Job`).
        environment: Of kustomize, with the proxies: some releases fetch while they are built.
    """
    told = [wanted.source, wanted.kustomize, release, wanted.excluded, wanted.cache]
    return {"builds": told, "environment": dict(environment)}


def is_one(wanted: Mapping[str, Any]) -> bool:
    """Tell whether a job is one of building."""
    return "builds" in wanted


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
        workdir.write(folder, workdir.PROGRESS, progress)

    def go(self) -> None:
        """Build them; the result is in the cache then.

        Raises:
            StepError: When that fails.
        """
        try:
            manifests.objects(Machine("", self._job["environment"]), *self._job["builds"])
        except ManifestsError as error:
            raise StepError("build", str(error), error.passes) from None

    def clean(self) -> None:
        """Leave nothing; what builds has removed what it made on the way."""
