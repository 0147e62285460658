"""Ensures that the applied release serves the dashboard: certificate, workloads, first page."""

from typing import List, Tuple

from kubeflow_installer.ingress.gateway import Gateway
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.reconcile import diagnosis
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from labcharm.errors import WaitingError
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.client.api import Api
from labkube.client.references import name_of

_WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet")


def ensure_serving(
    kubeflow: Kubeflow, release: Release, objects: List[JsonObject], adopt: bool, remark: str
) -> str:
    """Apply what the dashboard needs besides the release's objects, and check that it answers.

    Args:
        kubeflow: The application's Kubeflow.
        release: The release.
        objects: The applied objects.
        adopt: Whether a foreign certificate is adopted, such as one from a manual run of kfctl.
        remark: A remark for the status.

    Returns:
        The dashboard's URL and remarks.

    Raises:
        WaitingError: When something does not serve yet.
    """
    gateway = kubeflow.gateway(release)
    _apply_certificate(kubeflow, release, gateway, adopt)
    _update_namespace_owners(kubeflow.api, objects)
    problem = _workload_problem(kubeflow, objects) or gateway.check()
    if problem:
        raise WaitingError(f"{release.title}: {problem}")
    concern = gateway.certificate_concern(kubeflow.host.machine)
    remarks = (_release_remark(kubeflow, release), concern, remark)
    return "; ".join([gateway.url(), *(text for text in remarks if text)])


def _apply_certificate(
    kubeflow: Kubeflow, release: Release, gateway: Gateway, adopt: bool
) -> None:
    secret = gateway.tls_secret(kubeflow.host.machine)
    if secret is None or not gateway.address():
        raise WaitingError(f"{release.title}: the gateway has no address yet")
    kubeflow.objects.apply([secret], adopt, prune=False)
    gateway.restart_readers(kubeflow.objects.owns)


def _update_namespace_owners(api: Api, objects: List[JsonObject]) -> None:
    """Set the owner of the Profiles' namespaces if the user has changed.

    The Profile controller ignores a Profile whose namespace has another owner
    (profile_controller.go).
    """
    for profile in (manifest for manifest in objects if manifest["kind"] == "Profile"):
        owner = profile.get("spec", {}).get("owner", {}).get("name", "")
        metadata = {"name": profile["metadata"]["name"]}
        live = api.get({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        current = ((live or {}).get("metadata", {}).get("annotations") or {}).get("owner", "")
        if live is not None and current and current != owner:
            namespace = dict(live, apiVersion="v1", kind="Namespace")
            api.patch(namespace, {"metadata": {"annotations": {"owner": owner}}})


def _workload_problem(kubeflow: Kubeflow, objects: List[JsonObject]) -> str:
    """Describe how many workloads are not ready, and why; empty if all are."""
    workloads = [manifest for manifest in objects if manifest["kind"] in _WORKLOAD_KINDS]
    live = kubeflow.objects.observe(workloads)
    waiting = kubeflow.objects.not_ready(workloads, live)
    if not waiting:
        return ""
    ready = len(workloads) - len(waiting)
    summary = f"{ready} of {len(workloads)} workloads ready; {summarize(waiting, 2)}"
    late = [_key(workload) for workload in workloads if _is_among(workload, waiting)]
    return "; ".join([summary, *diagnosis.diagnose(kubeflow.api, late)])


def _release_remark(kubeflow: Kubeflow, release: Release) -> str:
    """Return a remark about the release that does not prevent the status active."""
    version = kubeflow.site.options.version.lstrip("v")
    if version and version != release.name:
        return f'{release.title} is installed; run the action "upgrade" for version {version}'
    return table.undocumented_server(release, kubeflow.api.version())


def _key(manifest: JsonObject) -> Tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def _is_among(manifest: JsonObject, messages: List[str]) -> bool:
    return any(message.startswith(f"{name_of(manifest)} ") for message in messages)
