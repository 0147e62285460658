"""What is wanted comes onto the cluster; once it is there, it is noted, and what is over goes."""

from typing import List

import kf_apply
import kf_methods
import kf_releases
from kf_cluster import PATIENCE, Kubeflow
from kf_errors import WaitingError
from kf_methods import Request
from kf_state import INSTALLED, State
from labcharm.words import some
from labkube.api import Object
from labkube.kinds import in_order


def apply(kubeflow: Kubeflow, request: Request, state: State, wanted: List[Object]) -> None:
    """Apply what is wanted.

    Raises:
        WaitingError: When not all of it is there.
    """
    objects = kubeflow.objects
    done = kf_apply.apply(objects, wanted, objects.look(wanted), PATIENCE, state.adopt)
    if not kf_apply.is_done(done):
        titled = kf_releases.titled(request.release)
        told = "%s: %d of %d objects applied" % (titled, done.right, done.total)
        refused = "; not taken yet: %s" % some(done.refused, 2) if done.refused else ""
        raise WaitingError(told + refused)


def note(
    kubeflow: Kubeflow, request: Request, state: State, wanted: List[Object], made: List[Object]
) -> None:
    """Keep what is installed now, once what is over has gone: a run that is cut does it again.

    Args:
        kubeflow: What is there.
        request: What it was made from.
        state: What was kept before.
        wanted: What is applied.
        made: The same as upstream has it.
    """
    now = State(
        request.release.name, INSTALLED, request.digest, kf_methods.made_by(request),
        request.first_user, state.adopt, False,
    )  # fmt: skip
    keeper = kubeflow.keeper
    if now != state or not keeper.book.holds(made):
        _prune(kubeflow, [*wanted, kubeflow.certificate(request.release)])
        keeper.book.write(made)
        keeper.write(now)


def _prune(kubeflow: Kubeflow, wanted: List[Object]) -> None:
    for found in reversed(in_order(kubeflow.beyond(wanted))):
        kubeflow.api.delete(found)
