"""One step further: from what is there (`installation`) to what is wanted (`reconcile.desired`).

Every step can be done again.
"""

from kubeflow_installer.errors import BlockedError
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods import Request
from kubeflow_installer.preflight import preflight
from kubeflow_installer.reconcile import desired, install, readiness
from kubeflow_installer.reconcile import request as request_module
from kubeflow_installer.state import store
from kubeflow_installer.state.store import UNINSTALLING, State
from kubeflow_installer.uninstall import progress


def go_on(kubeflow: Kubeflow, adopt: bool = False, force: bool = False) -> str:
    """Bring the cluster one step nearer to what is wanted.

    Args:
        kubeflow: What is there, and the site.
        adopt: Whether objects of others are taken over.
        force: Whether missing preconditions do not count.

    Returns:
        The dashboard's address, and what else there is to say: everything is as wanted.

    Raises:
        BlockedError, WaitingError: With what is in the way, or not there yet.
        GoneError: When it was being uninstalled, and that is done.
        ForeignObjectError: When objects of others are in the way.
        CertificateError: When a given certificate cannot be used.
        releases.table.ReleaseError: When no release fits.
        ApiError: When a request fails; the next hook goes on.
    """
    state = kubeflow.keeper.read()
    if state.phase == UNINSTALLING:
        progress.go_on(kubeflow, state)
    release = kubeflow.release(state)
    preflight.refuse_misfit(kubeflow, release, state)
    looks = not (state.phase or force)
    request = request_module.request(kubeflow, release, state, looks, adopt)
    if looks:
        preflight.refuse_others(kubeflow, request, state)
    state = _begun(kubeflow, request, state, adopt)
    made = desired.made(kubeflow, request, state)
    wanted = desired.fitted(kubeflow, request, made)
    install.apply(kubeflow, request, state, wanted)
    if made is not None and not desired.is_settled(request, state):
        install.note(kubeflow, request, state, wanted, made)
    remark = desired.not_applied(request, state, made is None)
    return readiness.serve(kubeflow, release, wanted, state.adopt, remark)


def check_following(kubeflow: Kubeflow) -> None:
    """Look whether other credentials would reach the objects, before they are made.

    Raises:
        BlockedError, WaitingError: When they would not, or not now.
    """
    state = kubeflow.keeper.read()
    if state.phase == UNINSTALLING:
        raise BlockedError("Kubeflow is being uninstalled")
    if state.phase:
        release = kubeflow.release(state)
        preflight.refuse_misfit(kubeflow, release, state)
        request = request_module.request(kubeflow, release, state, looks=False)
        if desired.made(kubeflow, request, state) is None:
            raise BlockedError(desired.LOST)


def _begun(kubeflow: Kubeflow, request: Request, state: State, adopt: bool) -> State:
    """Keep that the release is begun, before anything of it is there; return the state then."""
    begins = store.begun(request.release.name, adopt, request.first_user)
    now = state._replace(adopt=adopt or state.adopt) if state.phase else begins
    if now != state:
        kubeflow.keeper.write(now)
    return now
