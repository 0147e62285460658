"""What is wanted comes onto the cluster; once it is there, it is noted, and what is over goes."""

from typing import List

from kubeflow_installer import methods
from kubeflow_installer.errors import WaitingError
from kubeflow_installer.installation import PATIENCE, Kubeflow
from kubeflow_installer.methods import Request
from kubeflow_installer.reconcile import apply as apply_module
from kubeflow_installer.releases import table
from kubeflow_installer.state.store import INSTALLED, State
from labcharm.text import some
from labkube.apply.kinds import in_order
from labkube.client.api import Object


def apply(kubeflow: Kubeflow, request: Request, state: State, wanted: List[Object]) -> None:
    """Apply what is wanted.

    Raises:
        WaitingError: When not all of it is there.
    """
    objects = kubeflow.objects
    done = apply_module.apply(objects, wanted, objects.look(wanted), PATIENCE, state.adopt)
    if not apply_module.is_done(done):
        titled = table.titled(request.release)
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
        request.release.name, INSTALLED, request.digest, methods.made_by(request),
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
