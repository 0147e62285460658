"""The whole of the action `verify`, in the order in which things depend on each other."""

from typing import Iterable, List, NamedTuple, Set, Tuple

import kf_checks
import kf_diagnosis
import kf_inventory
import kf_match
import kf_notebook
import kf_plan
import kf_request
import kf_wanted
from kf_cluster import Kubeflow
from kf_errors import BlockedError
from kf_inventory import Inventory, Row
from kf_options import Options
from labcharm.verify import Check
from labkube import actions
from labkube.api import Object

Wish = NamedTuple(
    "Wish",
    [
        ("login", bool),
        # Image of a notebook that gets a GPU; empty starts none.
        ("image", str),
        ("gpu", str),
        ("timeout", float),
    ],
)


def checks(kubeflow: Kubeflow, wish: Wish) -> List[Check]:
    """Look at everything and try what is asked for.

    Raises:
        BlockedError: When nothing is installed.
        WaitingError: When it is not known yet what is wanted.
        ApiError: When the cluster does not answer.
    """
    state = kubeflow.keeper.read()
    if not state.phase:
        raise BlockedError("Kubeflow is not installed")
    release = kubeflow.release(state)
    request = kf_request.request(kubeflow, release, state, looks=False)
    wanted = kf_wanted.wanted(kubeflow, request, state)
    gateway = kubeflow.gateway(release)
    found, table = _of_release(release.name, request.options, wanted)
    found += kf_checks.inventory_checks(kubeflow.api, table, diagnose=kf_diagnosis.diagnose)
    found.append(actions.as_check("objects", kf_plan.compare(kubeflow)))
    site = kubeflow.site
    found += kf_checks.gateway_checks(gateway, site.options.hostname, site.machine)
    if wish.login:
        user = request.credentials
        found.append(kf_checks.login_check(gateway, user.user, user.password))
    if wish.image:
        taints = request.options.tolerations
        trial = kf_notebook.Trial(wish.image, wish.gpu, taints, wish.timeout)
        found.append(kf_notebook.Notebook(kubeflow.api, trial).check(request.credentials.user))
    return found


def _of_release(
    release: str, options: Options, wanted: List[Object]
) -> Tuple[List[Check], Inventory]:
    """Return what there is to say of the release, and what of its inventory is asked for.

    Where the site does not have its manifests looked at, they are whatever they are.
    """
    if "manifests" in options.skipped:
        return [], kf_inventory.only(kf_inventory.load(release), _rows(wanted))
    check = release_check(release, options.excluded, wanted)
    return [check], asked_for(release, options.excluded, wanted)


def asked_for(release: str, excluded: Iterable[str], wanted: List[Object]) -> Inventory:
    """Return a release's inventory without what the site left out.

    What kfctl up to 1.0 leaves out is told by what it made: which component brings what is not
    known there.

    Args:
        release: Its name.
        excluded: The components that are left out.
        wanted: The objects that shall be there.
    """
    table = kf_inventory.load(release)
    left_out = kf_inventory.brought(release, excluded)
    kept = _rows(wanted) if left_out is None else kf_inventory.rows(table) - left_out
    return kf_inventory.only(table, kept)


def release_check(release: str, excluded: Iterable[str], wanted: List[Object]) -> Check:
    """Hold what the manifests at hand brought against what the release consists of."""
    told = kf_match.of_objects(wanted, release, excluded)
    right = "what was applied is Kubeflow %s" % release
    return Check("release", not told, "manifests: " + told if told else right)


def _rows(found: List[Object]) -> Set[Row]:
    return {kf_inventory.row_of(one) for one in found}
