"""Compares the live objects with the desired ones, for the actions that only report."""

from typing import List, NamedTuple

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.reconcile import desired, requests
from kubeflow_installer.releases.table import Release
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labkube.apply.objects import Comparison
from labkube.client.references import name_of

NOT_INSTALLED = "Kubeflow is not installed"


class Report(NamedTuple):
    """The comparison, and the names of the leftovers that may hold users' data and stay."""

    comparison: Comparison
    retained: List[str]


def compare_installed(kubeflow: Kubeflow) -> Report:
    """Compare the live objects with the desired objects of the installed release.

    Raises:
        BlockedError: When nothing is installed, or the desired state cannot be built.
        WaitingError: When the desired state is not known yet.
    """
    state = kubeflow.store.read()
    if not state.phase:
        raise BlockedError(NOT_INSTALLED)
    release = kubeflow.release(state)
    request = requests.make(kubeflow, release, state, is_checked=False)
    return compare(kubeflow, release, desired.desired_state(kubeflow, request, state).objects)


def compare(kubeflow: Kubeflow, release: Release, objects: List[JsonObject]) -> Report:
    """Compare the live objects with these objects and the gateway's certificate."""
    secret = kubeflow.gateway(release).tls_secret(kubeflow.host.machine)
    target = objects if secret is None else [*objects, secret]
    comparison = kubeflow.objects.compare(target, kubeflow.objects.observe(target))
    leftovers = kubeflow.leftovers(target)
    extra = [name_of(live) for live in leftovers.prunable]
    return Report(comparison._replace(extra=extra), kubeflow.report_retained(leftovers))
