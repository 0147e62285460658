"""The desired state: the release's objects, fitted to the site.

The objects come from the files at hand or from the stored snapshot. If the snapshot is lost and
no files are at hand, the live objects stay as they are.
"""

from typing import List, NamedTuple, Optional

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods import kfctl
from kubeflow_installer.methods import objects as methods
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.releases import table
from kubeflow_installer.state.store import INSTALLED, State
from kubeflow_installer.transform import access_management
from kubeflow_installer.transform.namespaces import with_fitting_namespaces
from kubeflow_installer.transform.transform import transform_object
from labcharm.json_types import JsonObject
from labkube.client.references import ref_of

SNAPSHOT_LOST = (
    "the stored objects are gone, so options and credentials are not applied; attach the release's"
    " files, or run upgrade"
)


class DesiredState(NamedTuple):
    """What the cluster should have.

    Attributes:
        upstream: The release's objects as upstream publishes them; None if not available now.
        objects: The same objects, fitted to the site, without the gateway's certificate; for the
            releases of kfctl also NetworkPolicies. Without `upstream` these are the objects as
            they were last applied.
    """

    upstream: Optional[List[JsonObject]]
    objects: List[JsonObject]


def desired_state(
    kubeflow: Kubeflow,
    request: InstallRequest,
    state: State,
    built: Optional[List[JsonObject]] = None,
) -> DesiredState:
    """Return the desired state.

    Args:
        kubeflow: The application's Kubeflow.
        request: What it is made from.
        state: What is installed.
        built: The release's objects, if this hook built them already.

    Raises:
        BlockedError: When the objects cannot be built.
        WaitingError: When they are not built yet.
    """
    upstream = built if built is not None else _upstream_objects(kubeflow, request, state)
    if upstream is None:
        return DesiredState(None, kubeflow.last_applied())
    certificate = ref_of(kubeflow.certificate(request.release))
    manifests = [manifest for manifest in upstream if ref_of(manifest) != certificate]
    settings = request.settings.for_objects(manifests)
    fitted = [transform_object(manifest, settings) for manifest in manifests]
    if request.release.method == table.KFCTL:
        fitted += access_management.policies(fitted)
    return DesiredState(upstream, with_fitting_namespaces(fitted))


def _upstream_objects(
    kubeflow: Kubeflow, request: InstallRequest, state: State
) -> Optional[List[JsonObject]]:
    """Return the release's objects as upstream publishes them; None if they are not available.

    They come from the snapshot in three cases: other files are at hand, which only the action
    upgrade applies; no files are at hand; or kfctl ran on another unit.
    """
    snapshot = kubeflow.store.snapshot
    if lacks_original_files(request, state):
        return snapshot.read()
    if not _ran_on_another_unit(kubeflow, request, state):
        return build(kubeflow, request, state)
    return snapshot.read() or build(kubeflow, request, state)


def build(kubeflow: Kubeflow, request: InstallRequest, state: State) -> List[JsonObject]:
    """Return the release's objects from the files at hand, or continue to build them.

    Raises:
        BlockedError: When they cannot be built.
        WaitingError: When they are not built yet.
    """
    return methods.produce(kubeflow.host.machine, kubeflow.host.home, request, state.adopt)


def lacks_original_files(request: InstallRequest, state: State) -> bool:
    """Return whether the files that the installed objects were built from are missing."""
    if state.phase != INSTALLED:
        return False
    return not request.files or request.digest != state.files_digest


def pending_changes(request: InstallRequest, state: State, is_snapshot_lost: bool) -> str:
    """Describe which options or files are not applied, and what they need; empty if all are.

    Args:
        request: What the installation would be made from now.
        state: What is installed.
        is_snapshot_lost: Whether the snapshot is lost.
    """
    if not lacks_original_files(request, state):
        return ""
    remarks: List[str] = [SNAPSHOT_LOST] if is_snapshot_lost else []
    changed = _changed_options(state.baked_in_options, methods.baked_in_options(request))
    if request.files:
        options = "".join(f", and {name}" for name in changed)
        remarks.append(
            f"the files are not those that {request.release.title} was installed from; the action"
            f" upgrade applies them{options}"
        )
    elif changed:
        remarks.append(
            f"not applied: {' and '.join(changed)}; fix this first: {request.missing_files}"
        )
    return "; ".join(remarks)


def _ran_on_another_unit(kubeflow: Kubeflow, request: InstallRequest, state: State) -> bool:
    """Return whether kfctl made the installed objects, for this request, on another unit."""
    if request.release.method != table.KFCTL or state.phase != INSTALLED:
        return False
    if state.baked_in_options != methods.baked_in_options(request):
        return False
    return not kfctl.has_finished(kubeflow.host.machine, kubeflow.host.home, request)


def _changed_options(before: str, after: str) -> List[str]:
    """Return the options that differ between two values of `baked_in_options`.

    There are none if the earlier one is empty.
    """
    previous = before.split()
    return [
        option.partition("=")[0] for option in after.split() if previous and option not in previous
    ]
