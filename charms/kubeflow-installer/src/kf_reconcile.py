"""One step further: from what is there (`kf_cluster`) to what is wanted (`kf_wanted`).

Every step can be done again.
"""

import kf_away
import kf_installing
import kf_obstacles
import kf_request
import kf_serving
import kf_state
import kf_wanted
from kf_cluster import Kubeflow
from kf_errors import BlockedError
from kf_methods import Request
from kf_state import UNINSTALLING, State


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
        kf_releases.ReleaseError: When no release fits.
        ApiError: When a request fails; the next hook goes on.
    """
    state = kubeflow.keeper.read()
    if state.phase == UNINSTALLING:
        kf_away.go_on(kubeflow, state)
    release = kubeflow.release(state)
    kf_obstacles.refuse_misfit(kubeflow, release, state)
    looks = not (state.phase or force)
    request = kf_request.request(kubeflow, release, state, looks, adopt)
    if looks:
        kf_obstacles.refuse_others(kubeflow, request, state)
    state = _begun(kubeflow, request, state, adopt)
    made = kf_wanted.made(kubeflow, request, state)
    wanted = kf_wanted.fitted(kubeflow, request, made)
    kf_installing.apply(kubeflow, request, state, wanted)
    if made is not None and not kf_wanted.is_settled(request, state):
        kf_installing.note(kubeflow, request, state, wanted, made)
    remark = kf_wanted.not_applied(request, state, made is None)
    return kf_serving.serve(kubeflow, release, wanted, state.adopt, remark)


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
        kf_obstacles.refuse_misfit(kubeflow, release, state)
        request = kf_request.request(kubeflow, release, state, looks=False)
        if kf_wanted.made(kubeflow, request, state) is None:
            raise BlockedError(kf_wanted.LOST)


def _begun(kubeflow: Kubeflow, request: Request, state: State, adopt: bool) -> State:
    """Keep that the release is begun, before anything of it is there; return the state then."""
    begins = kf_state.begun(request.release.name, adopt, request.first_user)
    now = state._replace(adopt=adopt or state.adopt) if state.phase else begins
    if now != state:
        kubeflow.keeper.write(now)
    return now
