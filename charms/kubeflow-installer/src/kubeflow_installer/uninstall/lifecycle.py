"""Starts an uninstall, resumes it in later hooks, and deletes the stored state at its end.

The stored state is deleted only after Juju has stored that Kubeflow was installed. Otherwise, if
the agent were killed afterwards, the next hook would find a cluster that looks new, and would
install Kubeflow again.
"""

from typing import Optional

from kubeflow_installer.installation import HOOK_SECONDS, Installation
from kubeflow_installer.methods import objects as methods
from kubeflow_installer.releases import inventory as inventories
from kubeflow_installer.state.history import History
from kubeflow_installer.state.store import NOTHING, UNINSTALLING, State
from kubeflow_installer.uninstall.steps import Outcome, Uninstall
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.text import summarize

UNINSTALLED = 'uninstalled by action; run the action "install" to reinstall'
_NOT_RECORDED = "its stored state, which the next hook deletes"
# Every release has this namespace; an uninstall deletes it, or releases it if it was adopted.
_NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}}


class UninstallFinished(BlockedError):  # noqa: N818 - a fact and not a failure
    """An uninstall that an earlier hook or action started is complete."""


def require_no_uninstall(installation: Installation, history: History) -> None:
    """Check that a cluster without a stored state is not one that Kubeflow was uninstalled from.

    If objects of Kubeflow are left, only the stored state was lost, and they are applied again.

    Raises:
        UninstallFinished: When Kubeflow was uninstalled.
    """
    if not history.is_stored():
        return
    namespace = installation.api.get(_NAMESPACE)
    if namespace is None or not installation.objects.owns(namespace):
        raise UninstallFinished(UNINSTALLED)


def uninstall(
    installation: Installation,
    seconds: float,
    delete_data: bool = False,
    history: Optional[History] = None,
) -> Outcome:
    """Delete everything, as far as the time allows; call it again until the outcome is `done`.

    Args:
        installation: What is deleted.
        seconds: The time limit.
        delete_data: Whether the volumes of deleted claims are deleted too.
        history: What Juju has stored; None when the whole application is removed.

    Raises:
        ApiError: When the API is not reached or refuses the credentials.
    """
    state = installation.store.read()
    if state == NOTHING:
        state = state._replace(delete_data=delete_data)
        return _run(installation, state, seconds, has_state=False)
    state = state._replace(phase=UNINSTALLING, delete_data=delete_data)
    installation.store.write(state)
    return _end(installation, _run(installation, state, seconds), history)


def resume(installation: Installation, state: State, history: History) -> None:
    """Continue the uninstall that is under way.

    Raises:
        UninstallFinished: When it is complete.
        BlockedError: When the rest of it needs the administrator.
        WaitingError: When it is not complete.
    """
    outcome = _end(installation, _run(installation, state, HOOK_SECONDS), history)
    if outcome.done:
        raise UninstallFinished(UNINSTALLED)
    raise incomplete(outcome)


def incomplete(outcome: Outcome) -> CharmError:
    """Return the error for an uninstall that is not complete."""
    kind = BlockedError if outcome.is_final else WaitingError
    return kind(f"being uninstalled: {summarize(outcome.remaining)}")


def _run(
    installation: Installation, state: State, seconds: float, has_state: bool = True
) -> Outcome:
    """Run the uninstall; objects that are older than the stored state were adopted."""
    methods.remove_jobs(installation.host.machine, installation.host.home)
    # Labelled objects are deleted even if this revision of the charm does not know the release.
    is_known = inventories.exists(state.release)
    inventory = inventories.load(state.release) if is_known else inventories.EMPTY
    reference = installation.store.reference() if has_state else None
    process = Uninstall(
        installation.api, installation.objects_of_all_kinds(), inventory, installation.sleep,
        reference,
    )  # fmt: skip
    return process.run(seconds, state.delete_data)


def _end(installation: Installation, outcome: Outcome, history: Optional[History]) -> Outcome:
    """Delete the stored state if everything else is deleted and the history is stored."""
    if not outcome.done:
        return outcome
    if history is not None and not history.is_stored():
        history.record_installed()
        return outcome._replace(done=False, remaining=[_NOT_RECORDED])
    installation.store.delete()
    return outcome
