"""Starts an uninstall, resumes it in later hooks, and deletes the stored state at its end."""

from kubeflow_installer.installation import HOOK_SECONDS, Installation
from kubeflow_installer.methods import objects as methods
from kubeflow_installer.releases import inventory as inventories
from kubeflow_installer.state.store import NOTHING, UNINSTALLING, State
from kubeflow_installer.uninstall.steps import Outcome, Uninstall
from labcharm.errors import BlockedError, WaitingError
from labcharm.text import summarize

UNINSTALLED = 'uninstalled by action; run the action "install" to reinstall'


class UninstallFinished(BlockedError):  # noqa: N818 - a fact and not a failure
    """An uninstall that an earlier hook or action started is complete."""


def uninstall(installation: Installation, seconds: float, delete_data: bool = False) -> Outcome:
    """Delete everything, as far as the time allows; call it again until the outcome is `done`.

    Raises:
        ApiError: When the API is not reached or refuses the credentials.
    """
    state = installation.store.read()
    if state == NOTHING:
        state = state._replace(delete_data=delete_data)
        return _run(installation, state, seconds, has_state=False)
    state = state._replace(phase=UNINSTALLING, delete_data=delete_data)
    installation.store.write(state)
    return _run(installation, state, seconds)


def resume(installation: Installation, state: State) -> None:
    """Continue the uninstall that is under way.

    Raises:
        UninstallFinished: When it is complete.
        WaitingError: When it is not.
    """
    outcome = _run(installation, state, HOOK_SECONDS)
    if outcome.done:
        raise UninstallFinished(UNINSTALLED)
    raise WaitingError(in_progress(outcome))


def in_progress(outcome: Outcome) -> str:
    """Return the status of an uninstall that is not complete."""
    return f"being uninstalled: {summarize(outcome.remaining)}"


def _run(
    installation: Installation, state: State, seconds: float, has_state: bool = True
) -> Outcome:
    """Run the uninstall; objects that are older than the stored state were adopted."""
    methods.stop_jobs(installation.host.machine, installation.host.home)
    # Labelled objects are deleted even if this revision of the charm does not know the release.
    is_known = inventories.exists(state.release)
    inventory = inventories.load(state.release) if is_known else inventories.EMPTY
    reference = installation.store.reference() if has_state else None
    process = Uninstall(
        installation.api, installation.objects_of_all_kinds(), inventory, installation.sleep,
        reference,
    )  # fmt: skip
    outcome = process.run(seconds, state.delete_data)
    if outcome.done:
        installation.store.delete()
    return outcome
