"""One reconcile step, from the observed state to the desired state; every step can be repeated."""

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.preflight import preflight
from kubeflow_installer.reconcile import desired, install, readiness, requests
from kubeflow_installer.releases.table import KFCTL
from kubeflow_installer.state import store
from kubeflow_installer.state.store import UNINSTALLING, State
from kubeflow_installer.uninstall import lifecycle
from labcharm.errors import BlockedError


def reconcile(kubeflow: Kubeflow, adopt: bool = False, force: bool = False) -> str:
    """Run one reconcile step and return the message of the active status.

    Args:
        kubeflow: The application's Kubeflow.
        adopt: Whether foreign objects are adopted.
        force: Whether failed preflight checks are ignored.

    Returns:
        The dashboard's URL and remarks: everything is as desired.

    Raises:
        BlockedError: When the administrator must act first.
        WaitingError: When something is not ready yet.
        UninstallFinished: When an uninstall was under way and is complete now.
    """
    state = kubeflow.store.read()
    if state.phase == UNINSTALLING:
        lifecycle.resume(kubeflow, state)
    release = kubeflow.release(state)
    preflight.require_supported_server(kubeflow, release, state)
    is_checked = not (state.phase or force)
    request = requests.make(kubeflow, release, state, is_checked, adopt)
    built = None
    if is_checked and release.method != KFCTL:
        built = desired.build(kubeflow, request, state)
        preflight.require_release_objects(built, request)
    state = _begin(kubeflow, request, state, adopt)
    target = desired.desired_state(kubeflow, request, state, built)
    install.apply(kubeflow, request, state, target.objects)
    if not desired.lacks_original_files(request, state):
        install.record(kubeflow, request, state, target)
    remark = desired.pending_changes(request, state, target.upstream is None)
    return readiness.ensure_serving(kubeflow, release, target.objects, state.adopt, remark)


def require_changeable_credentials(kubeflow: Kubeflow) -> None:
    """Check that new credentials would reach the objects, before they are generated.

    Raises:
        BlockedError: When they would not.
        WaitingError: When that is not known now.
    """
    state = kubeflow.store.read()
    if state.phase == UNINSTALLING:
        raise BlockedError("Kubeflow is being uninstalled")
    if state.phase:
        release = kubeflow.release(state)
        preflight.require_supported_server(kubeflow, release, state)
        request = requests.make(kubeflow, release, state, is_checked=False)
        if desired.desired_state(kubeflow, request, state).upstream is None:
            raise BlockedError(desired.SNAPSHOT_LOST)


def _begin(kubeflow: Kubeflow, request: InstallRequest, state: State, adopt: bool) -> State:
    """Store, before the first object is applied, that the release is being installed."""
    initial = store.new_state(request.release.name, adopt, request.first_user)
    current = state._replace(adopt=adopt or state.adopt) if state.phase else initial
    if current != state:
        kubeflow.store.write(current)
    return current
