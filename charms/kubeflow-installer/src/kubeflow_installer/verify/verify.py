"""All checks of the action `verify`; each comes after those that it depends on."""

from typing import Iterable, List, NamedTuple, Set, Tuple

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.options import Options
from kubeflow_installer.reconcile import desired, diagnosis, requests
from kubeflow_installer.reconcile.comparison import NOT_INSTALLED, compare
from kubeflow_installer.releases import components
from kubeflow_installer.releases import inventory as inventories
from kubeflow_installer.releases.inventory import Inventory, ObjectKey
from kubeflow_installer.sources import release_match
from kubeflow_installer.verify import gateway_checks, inventory_checks, notebook
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.verify import Check
from labkube.charm import actions


class VerifyParams(NamedTuple):
    """The parameters of the action.

    Attributes:
        login: Whether to log in.
        image: The image of a notebook that gets a GPU; when empty, none is started.
        gpu: The resource name of the notebook's GPU; empty for none.
        timeout: The time limit of the notebook in seconds.
    """

    login: bool
    image: str
    gpu: str
    timeout: float


def checks(kubeflow: Kubeflow, params: VerifyParams) -> List[Check]:
    """Make every check that the parameters ask for.

    Raises:
        BlockedError: When nothing is installed.
        WaitingError: When the desired state is not known yet, or the cluster does not answer.
    """
    state = kubeflow.store.read()
    if not state.phase:
        raise BlockedError(NOT_INSTALLED)
    release, host = kubeflow.release(state), kubeflow.host
    request = requests.make(kubeflow, release, state, is_checked=False)
    objects = desired.desired_state(kubeflow, request, state).objects
    gateway, options = kubeflow.gateway(release), request.options
    results, inventory = _release_checks(release.name, options, objects)
    results += inventory_checks.checks(kubeflow.api, inventory, diagnose=diagnosis.diagnose)
    comparison = compare(kubeflow, release, objects).comparison
    results.append(actions.comparison_check("objects", comparison))
    results += gateway_checks.checks(gateway, kubeflow.site.options.hostname, host.machine)
    user = request.credentials
    if params.login:
        results.append(gateway_checks.login_check(gateway, user.user, user.password))
    if params.image:
        trial = notebook.Trial(params.image, params.gpu, options.tolerations, params.timeout)
        results.append(notebook.Notebook(kubeflow.api, trial).check(user.user))
    return results


def _release_checks(
    release: str, options: Options, objects: List[JsonObject]
) -> Tuple[List[Check], Inventory]:
    """Return the check `release`, and the part of the inventory that is expected.

    If the site skips the check `manifests`, whatever its manifests contain is expected.
    """
    if "manifests" in options.skipped:
        return [], inventories.load(release).restricted_to(_keys(objects))
    check = release_check(release, options.excluded, objects)
    return [check], expected_inventory(release, options.excluded, objects)


def expected_inventory(
    release: str, excluded: Iterable[str], objects: List[JsonObject]
) -> Inventory:
    """Return a release's inventory without the components that the site excludes.

    For kfctl up to 1.0 the objects of each component are not known, so the objects that kfctl made
    show what was excluded.

    Args:
        release: The release's name.
        excluded: The excluded components.
        objects: The desired objects.
    """
    inventory = inventories.load(release)
    absent = components.exclusive_objects(release, excluded)
    keys = _keys(objects) if absent is None else inventory.object_keys() - absent
    return inventory.restricted_to(keys)


def release_check(release: str, excluded: Iterable[str], objects: List[JsonObject]) -> Check:
    """Check that the applied objects are the release's."""
    mismatch = release_match.objects_mismatch(objects, release, excluded)
    message = f"manifests: {mismatch}" if mismatch else f"Kubeflow {release} is applied"
    return Check("release", not mismatch, message)


def _keys(objects: List[JsonObject]) -> Set[ObjectKey]:
    return {inventories.object_key(manifest) for manifest in objects}
