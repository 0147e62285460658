"""What is in the way of a release, before any of it is applied: here, at hand, on the cluster."""

from typing import List, Mapping

from kubeflow_installer.errors import BlockedError
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods import Request
from kubeflow_installer.options import Options
from kubeflow_installer.preflight.checks import Preconditions, Problem
from kubeflow_installer.reconcile import desired
from kubeflow_installer.releases import inventory as inventory_module
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.sources import release_match
from kubeflow_installer.state.store import State
from labkube.client.api import Object

_MISFIT = (
    "Kubeflow %s is installed, which fits Kubernetes %d.%d to %d.%d and not %d.%d; it stays as it"
    " is and is not looked after: take the control plane back, or %s one that fits: %s"
)


def problems(
    kubeflow: Kubeflow, release: Release, files: Mapping[str, str], adopt: bool
) -> List[Problem]:
    """Look at the cluster, and at the files that the site gives, before a release comes.

    Args:
        kubeflow: What is there.
        release: The release.
        files: Those at hand.
        adopt: Whether objects of others are none of the problems.
    """
    site = kubeflow.site
    skipped = site.options.skipped
    found = _preconditions(kubeflow, release).problems(skipped, adopt)
    path = files.get("manifests", "")
    if path and site.sources.is_given("manifests") and "manifests" not in skipped:
        told = release_match.of_archive(path, release)
        found += [Problem("manifests", told)] if told else []
    return found


def strange(found: List[Object], release: Release, options: Options) -> List[Problem]:
    """Look whether what manifests hold is the release, before any of it is applied."""
    if release.method == table.KFCTL or "manifests" in options.skipped:
        return []
    told = release_match.of_objects(found, release.name, options.excluded)
    return [Problem("manifests", told)] if told else []


def refuse_others(kubeflow: Kubeflow, request: Request, state: State) -> None:
    """Look at what is built, where it is built before it is applied.

    Raises:
        BlockedError: When it is not the release.
        WaitingError: When it is not built yet.
    """
    if request.release.method != table.KFCTL:
        built = desired.built(kubeflow, request, state)
        for problem in strange(built, request.release, request.options):
            raise BlockedError("%s: %s" % problem)


def refuse_misfit(kubeflow: Kubeflow, release: Release, state: State) -> None:
    """Look whether the server left the release behind since it was installed.

    Raises:
        BlockedError: When it lacks API versions of the release's objects.
    """
    server = kubeflow.api.version()
    if state.phase and not table.fits(release, server):
        newest = release.newest or server
        fitting = ", ".join(table.fitting(server)) or "none"
        moves = release.method != table.KFCTL
        way = "upgrade to" if moves else "uninstall (volumes are kept) and install"
        told = (release.name, *release.oldest, *newest, *server, way, fitting)
        raise BlockedError(_MISFIT % told)


def _preconditions(kubeflow: Kubeflow, release: Release) -> Preconditions:
    inventory = inventory_module.load(release.name)
    return Preconditions(
        kubeflow.api, kubeflow.objects, release, inventory, kubeflow.site.machine, kubeflow.sleep
    )
