"""Applies a release's objects, records the result, then prunes leftovers."""

from typing import List

from kubeflow_installer.installation import HOOK_SECONDS, Kubeflow
from kubeflow_installer.methods import objects as methods
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.reconcile.desired import DesiredState
from kubeflow_installer.reconcile.staged_apply import apply_in_stages
from kubeflow_installer.state.store import INSTALLED, State
from labcharm.errors import WaitingError
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.apply.kinds import in_apply_order


def apply(
    kubeflow: Kubeflow, request: InstallRequest, state: State, desired: List[JsonObject]
) -> None:
    """Apply the desired objects.

    Raises:
        WaitingError: When not all of them are applied yet.
    """
    objects = kubeflow.objects
    live = objects.observe(desired)
    progress = apply_in_stages(objects, desired, live, HOOK_SECONDS, state.adopt)
    if not progress.is_complete:
        message = (
            f"{request.release.title}: {progress.applied} of {progress.total} objects applied"
        )
        if progress.refused:
            message += f"; refused, will be retried: {summarize(progress.refused, 2)}"
        raise WaitingError(message)


def record(
    kubeflow: Kubeflow, request: InstallRequest, state: State, desired: DesiredState
) -> None:
    """Prune leftovers, then store what is installed; an interrupted run does both again.

    Args:
        kubeflow: The application's Kubeflow.
        request: What the objects were made from.
        state: The stored state.
        desired: What was applied.
    """
    if desired.upstream is None:
        return
    installed = State(
        request.release.name, INSTALLED, request.digest, methods.baked_in_options(request),
        request.first_user, state.adopt, False,
    )  # fmt: skip
    store = kubeflow.store
    if installed != state or not store.snapshot.holds(desired.upstream):
        _prune(kubeflow, [*desired.objects, kubeflow.certificate(request.release)])
        store.snapshot.write(desired.upstream)
        store.write(installed)


def _prune(kubeflow: Kubeflow, desired: List[JsonObject]) -> None:
    leftovers = kubeflow.leftovers(desired)
    kubeflow.report_retained(leftovers)
    for live in reversed(in_apply_order(leftovers.prunable)):
        kubeflow.api.delete(live)
