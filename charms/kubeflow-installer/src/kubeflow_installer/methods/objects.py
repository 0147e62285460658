"""Produce a release's objects by its method."""

from typing import List

from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.methods import job_directories, kfctl, manifests
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.options import Options
from kubeflow_installer.releases.table import KFCTL, Release
from kubeflow_installer.sources.manifests import remove_build_directories
from labcharm.json_types import JsonObject
from labcharm.machine import Machine


def check_options(release: Release, options: Options) -> None:
    """Check the options that depend on the release alone.

    Raises:
        BlockedError: When a component is excluded that the release does not have.
    """
    if release.method == KFCTL:
        kfdef.check(release.name, options.excluded)


def produce(
    machine: Machine, home: str, request: InstallRequest, adopt: bool = False
) -> List[JsonObject]:
    """Return a release's objects as upstream has them, or start or continue producing them.

    Args:
        machine: The machine.
        home: The charm's directory on it.
        request: What they are made from.
        adopt: Whether kfctl takes over foreign objects: it makes its objects while it runs.

    Raises:
        BlockedError: When they cannot be produced.
        WaitingError: When they are being produced, or another attempt may help.
    """
    if request.release.method == KFCTL:
        job_directories.remove_except(machine.path(home), job_directories.BUILD)
        return kfctl.produce(machine, home, request, adopt)
    job_directories.remove_except(machine.path(home), job_directories.KFCTL_RUN)
    return manifests.produce(machine, home, request)


def baked_in_options(request: InstallRequest) -> str:
    """Return the options that reach the objects only when these are produced anew.

    0.6 writes the host name into its objects; everything else is put into them afterwards.

    Returns:
        Words OPTION=VALUE.
    """
    release, options = request.release, request.options
    words = ["excluded-components=" + ",".join(sorted(set(options.excluded)))]
    if release.method == KFCTL and kfdef.has_three_steps(release.name):
        words.append(f"hostname={options.hostname}")
    return " ".join(words)


def remove_jobs(machine: Machine, home: str) -> None:
    """End the background jobs and remove their directories.

    kfctl would otherwise go on creating what is being removed, and the objects that it made, with
    Secrets among them, would stay on the machine.
    """
    job_directories.remove_all(machine.path(home))
    remove_build_directories(machine.path(home + "/built"))
