"""What shall be on the cluster: a release's objects, from where they are known, as the site wants.

They are built, or read from the book (`state.snapshot`), or where that is lost they stay
as they are.
"""

from typing import List, Optional

from kubeflow_installer import methods
from kubeflow_installer.errors import BlockedError, WaitingError
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods import MethodError, Request
from kubeflow_installer.reconcile import stages
from kubeflow_installer.releases import table
from kubeflow_installer.state.store import INSTALLED, State
from kubeflow_installer.transform import transform
from labkube.apply.references import ref_of
from labkube.client.api import Object

LOST = (
    "the Secrets of kube-system that hold the release's objects are gone, so options and"
    " credentials are not applied: attach the files that it was made from, or run upgrade"
)


def wanted(kubeflow: Kubeflow, request: Request, state: State) -> List[Object]:
    """Return everything that shall be there, as the site wants it, but the certificate.

    Raises:
        BlockedError, WaitingError: When it is not known yet.
    """
    return fitted(kubeflow, request, made(kubeflow, request, state))


def fitted(kubeflow: Kubeflow, request: Request, found: Optional[List[Object]]) -> List[Object]:
    """Return what was made, as the site wants it; what was applied, where nobody has that.

    Args:
        kubeflow: What is there.
        request: What is wanted.
        found: The release's objects, as `made` returns them.
    """
    if found is None:
        return kubeflow.kept()
    secret = ref_of(kubeflow.certificate(request.release))
    kept = [one for one in found if ref_of(one) != secret]
    return stages.scoped(transform.fit(one, request.fitting) for one in kept)


def made(kubeflow: Kubeflow, request: Request, state: State) -> Optional[List[Object]]:
    """Return the release's objects as upstream has them; None where nobody has them now.

    They are those of the book where other files are at hand, which the action upgrade takes
    and no hook; where none are; and where kfctl ran on another unit.

    Raises:
        BlockedError, WaitingError: When they cannot be had, or not yet.
    """
    book = kubeflow.keeper.book
    if is_settled(request, state):
        return book.read()
    if not _ran_elsewhere(kubeflow, request, state):
        return built(kubeflow, request, state)
    return book.read() or built(kubeflow, request, state)


def built(kubeflow: Kubeflow, request: Request, state: State) -> List[Object]:
    """Return the release's objects from the files at hand, or go on with making them.

    Raises:
        BlockedError, WaitingError: When they cannot be had, or not yet.
    """
    site = kubeflow.site
    try:
        found = methods.build(site.machine, site.home, request, state.adopt)
    except MethodError as error:
        raise (WaitingError if error.passes else BlockedError)(str(error)) from None
    if found.objects is None:
        raise WaitingError("%s: %s" % (table.titled(request.release), found.waiting))
    return found.objects


def is_settled(request: Request, state: State) -> bool:
    """Tell whether an installation stays what it is, since its files are not at hand."""
    if state.phase != INSTALLED:
        return False
    return not request.files or request.digest != state.files


def not_applied(request: Request, state: State, lost: bool) -> str:
    """Say what of the wishes is not so yet, and what for; empty where all is.

    Args:
        request: The wishes.
        state: What is installed.
        lost: Whether the book is.
    """
    if not is_settled(request, state):
        return ""
    told: List[str] = [LOST] if lost else []
    changed = _changed(state.made, methods.made_by(request))
    if request.files:
        files = "other files are at hand than Kubeflow %s was made from; upgrade takes them"
        told.append(files % request.release.name + "".join(", and " + one for one in changed))
    elif changed:
        told.append("%s is not applied, as it needs %s" % (" and ".join(changed), request.missing))
    return "; ".join(told)


def _ran_elsewhere(kubeflow: Kubeflow, request: Request, state: State) -> bool:
    """Tell whether kfctl made what is installed, for this very request, on another unit."""
    if request.release.method != table.KFCTL or state.phase != INSTALLED:
        return False
    if state.made != methods.made_by(request):
        return False
    return not methods.is_recorded(kubeflow.site.machine, kubeflow.site.home, request)


def _changed(before: str, now: str) -> List[str]:
    """Name the options of `methods.made_by` that are others now; none where none are known."""
    known = before.split()
    return [one.partition("=")[0] for one in now.split() if known and one not in known]
