"""One reconcile step, from the observed state to the desired state; every step can be repeated."""

from typing import List, NamedTuple

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods import objects as methods
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.preflight import preflight
from kubeflow_installer.reconcile import desired, install, readiness, requests
from kubeflow_installer.releases.table import KFCTL
from kubeflow_installer.state import storage_passwords, store
from kubeflow_installer.state.history import History
from kubeflow_installer.state.store import INSTALLED, UNINSTALLING, State
from kubeflow_installer.uninstall import lifecycle
from labcharm.errors import BlockedError


class Permissions(NamedTuple):
    """What the administrator permits by the parameters of the action `install`.

    Attributes:
        adopt: Whether foreign objects are adopted.
        force: Whether failed preflight checks are ignored.
        reinstall: Whether Kubeflow is installed again after an uninstall.
    """

    adopt: bool = False
    force: bool = False
    reinstall: bool = False


NO_PERMISSIONS = Permissions()


def reconcile(
    kubeflow: Kubeflow, history: History, permissions: Permissions = NO_PERMISSIONS
) -> str:
    """Run one reconcile step and return the message of the active status.

    Args:
        kubeflow: The application's Kubeflow.
        history: What Juju has stored about earlier installations.
        permissions: What the administrator permits.

    Returns:
        The dashboard's URL and remarks: everything is as desired.

    Raises:
        BlockedError: When the administrator must act first.
        WaitingError: When something is not ready yet.
        UninstallFinished: When Kubeflow was uninstalled, now or earlier.
    """
    state = _read_state(kubeflow, history, permissions)
    adopt = permissions.adopt
    release = kubeflow.release(state)
    preflight.require_supported_server(kubeflow, release, state)
    is_checked = not (state.phase or permissions.force)
    try:
        request = requests.make(kubeflow, release, state, is_checked, adopt)
    except BlockedError:
        _end_refused_jobs(kubeflow, state)
        raise
    built = None
    if is_checked and release.method != KFCTL:
        built = desired.build(kubeflow, request, state)
        preflight.require_release_objects(built, request)
    state = _begin(kubeflow, request, state, adopt)
    history.record_installed()
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


def rotate_storage_passwords(kubeflow: Kubeflow) -> List[str]:
    """Replace the passwords of the object store and the databases on the cluster.

    The next reconcile step restarts the pods that read them. The releases of kfctl have
    upstream's passwords in images and programs, so theirs stay.

    Returns:
        The names of the changed Secrets.
    """
    state = kubeflow.store.read()
    if not state.phase or kubeflow.release(state).method == KFCTL:
        return []
    return storage_passwords.rotate(kubeflow.api, kubeflow.objects.owns)


def _read_state(kubeflow: Kubeflow, history: History, permissions: Permissions) -> State:
    """Return the stored state; continue an uninstall that is under way."""
    state = kubeflow.store.read()
    if state.phase:
        history.record_installed()  # after an agent was killed, Juju may have stored otherwise
    elif not permissions.reinstall:
        lifecycle.require_no_uninstall(kubeflow, history)
    if state.phase == UNINSTALLING:
        lifecycle.resume(kubeflow, state, history)
    return state


def _end_refused_jobs(kubeflow: Kubeflow, state: State) -> None:
    """End the jobs of an installation that is refused now; a finished one keeps its results."""
    if state.phase != INSTALLED:
        methods.remove_jobs(kubeflow.host.machine, kubeflow.host.home)


def _begin(kubeflow: Kubeflow, request: InstallRequest, state: State, adopt: bool) -> State:
    """Store, before the first object is applied, that the release is being installed."""
    initial = store.new_state(request.release.name, adopt, request.first_user)
    current = state._replace(adopt=adopt or state.adopt) if state.phase else initial
    if current != state:
        kubeflow.store.write(current)
    return current
