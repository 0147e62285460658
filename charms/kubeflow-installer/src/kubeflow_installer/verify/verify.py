"""The whole of the action `verify`, in the order in which things depend on each other."""

from typing import Iterable, List, NamedTuple, Set, Tuple

from kubeflow_installer.errors import BlockedError
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.options import Options
from kubeflow_installer.reconcile import desired, diagnosis, plan
from kubeflow_installer.reconcile import request as request_module
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.inventory import Inventory, Row
from kubeflow_installer.sources import release_match
from kubeflow_installer.verify import checks as checks_module
from kubeflow_installer.verify import notebook
from labcharm.verify import Check
from labkube.charm import actions
from labkube.client.api import Object

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
    request = request_module.request(kubeflow, release, state, looks=False)
    wanted = desired.wanted(kubeflow, request, state)
    gateway = kubeflow.gateway(release)
    found, table = _of_release(release.name, request.options, wanted)
    found += checks_module.inventory_checks(kubeflow.api, table, diagnose=diagnosis.diagnose)
    found.append(actions.as_check("objects", plan.compare(kubeflow)))
    site = kubeflow.site
    found += checks_module.gateway_checks(gateway, site.options.hostname, site.machine)
    if wish.login:
        user = request.credentials
        found.append(checks_module.login_check(gateway, user.user, user.password))
    if wish.image:
        taints = request.options.tolerations
        trial = notebook.Trial(wish.image, wish.gpu, taints, wish.timeout)
        found.append(notebook.Notebook(kubeflow.api, trial).check(request.credentials.user))
    return found


def _of_release(
    release: str, options: Options, wanted: List[Object]
) -> Tuple[List[Check], Inventory]:
    """Return what there is to say of the release, and what of its inventory is asked for.

    Where the site does not have its manifests looked at, they are whatever they are.
    """
    if "manifests" in options.skipped:
        return [], inventory.only(inventory.load(release), _rows(wanted))
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
    table = inventory.load(release)
    left_out = inventory.brought(release, excluded)
    kept = _rows(wanted) if left_out is None else inventory.rows(table) - left_out
    return inventory.only(table, kept)


def release_check(release: str, excluded: Iterable[str], wanted: List[Object]) -> Check:
    """Hold what the manifests at hand brought against what the release consists of."""
    told = release_match.of_objects(wanted, release, excluded)
    right = "what was applied is Kubeflow %s" % release
    return Check("release", not told, "manifests: " + told if told else right)


def _rows(found: List[Object]) -> Set[Row]:
    return {inventory.row_of(one) for one in found}
