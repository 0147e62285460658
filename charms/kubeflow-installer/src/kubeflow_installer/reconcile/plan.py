"""What is, against what is wanted or would be: for the actions that only look."""

from typing import List, NamedTuple, Optional

from kubeflow_installer.errors import BlockedError, WaitingError
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods import Request
from kubeflow_installer.preflight import preflight
from kubeflow_installer.preflight.checks import Problem
from kubeflow_installer.reconcile import desired
from kubeflow_installer.reconcile import request as request_module
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.state import store
from kubeflow_installer.state.store import NOTHING, UNINSTALLING
from labkube.apply.objects import Comparison
from labkube.apply.references import name_of
from labkube.client.api import Object

_LEAVING = "Kubeflow is being uninstalled; when that is done, install the other release"
Plan = NamedTuple(
    "Plan",
    [
        ("before", str),
        ("after", str),
        # What would change; None where that is not known before it is done.
        ("objects", Optional[Comparison]),
        # Why there is no such move.
        ("refused", str),
        # What must be so first, as at an installation.
        ("problems", List[str]),
    ],
)


def compare(kubeflow: Kubeflow) -> Comparison:
    """Tell correct, changed, missing and extra objects.

    Raises:
        BlockedError, WaitingError: When it is not known what is wanted.
    """
    state = kubeflow.keeper.read()
    if not state.phase:
        raise BlockedError("Kubeflow is not installed")
    release = kubeflow.release(state)
    request = request_module.request(kubeflow, release, state, looks=False)
    wanted = desired.wanted(kubeflow, request, state)
    secret = kubeflow.gateway(release).tls_secret(kubeflow.site.machine)
    return _compared(kubeflow, wanted if secret is None else [*wanted, secret])


def plan(kubeflow: Kubeflow, wish: str) -> Plan:
    """Say what a move to another release would change, and what is in its way.

    What kfctl would make is not known before it runs, so its objects are left out.

    Raises:
        releases.table.ReleaseError: When the release is not known, or does not fit the server.
        BlockedError, WaitingError: When its files cannot be had, with all else that is in the way.
    """
    state = kubeflow.keeper.read()
    after = table.choose(kubeflow.api.version(), wish or kubeflow.site.options.version)
    if not state.phase:
        return Plan("", after.name, None, "nothing is installed; run install", [])
    before = kubeflow.release(state)
    refused = _LEAVING if state.phase == UNINSTALLING else table.follows(before, after)
    if refused:
        return Plan(before.name, after.name, None, refused, [])
    request = _request(kubeflow, after, state.adopt)
    problems = preflight.problems(kubeflow, after, request.files, state.adopt)
    found = None
    if after.method != table.KFCTL:
        wanted = desired.wanted(kubeflow, request, NOTHING)
        problems += _of_manifests(kubeflow, wanted, after, problems)
        secret = kubeflow.gateway(after).tls_secret(kubeflow.site.machine)
        found = _compared(kubeflow, wanted if secret is None else [*wanted, secret])
    return Plan(before.name, after.name, found, "", ["%s: %s" % one for one in problems])


def _of_manifests(
    kubeflow: Kubeflow, wanted: List[Object], after: Release, problems: List[Problem]
) -> List[Problem]:
    """Say what of the manifests is not the release; of another's archive its name says enough."""
    if any(one.name == "manifests" for one in problems):
        return []
    return preflight.strange(wanted, after, kubeflow.site.options)


def _request(kubeflow: Kubeflow, after: Release, adopt: bool) -> Request:
    """Return what a release would be made from.

    Raises:
        BlockedError, WaitingError: With everything that is missing, where the files are.
    """
    try:
        return request_module.request(kubeflow, after, NOTHING, looks=False)
    except (BlockedError, WaitingError):
        return request_module.request(kubeflow, after, NOTHING, looks=True, adopt=adopt)


def move(kubeflow: Kubeflow, release: str) -> None:
    """Note that another release is wanted from now on; `reconcile.loop.go_on` brings it."""
    state = kubeflow.keeper.read()
    kubeflow.keeper.write(store.begun(release, state.adopt, state.user))


def _compared(kubeflow: Kubeflow, wanted: List[Object]) -> Comparison:
    found = kubeflow.objects.compare(wanted, kubeflow.objects.look(wanted))
    return found._replace(extra=[name_of(one) for one in kubeflow.beyond(wanted)])
