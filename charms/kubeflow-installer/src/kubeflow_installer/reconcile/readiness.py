"""Whether what is applied serves: address, certificate, workloads, and the dashboard's answer."""

from typing import List, Tuple

from kubeflow_installer.errors import WaitingError
from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.reconcile import diagnosis
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from labcharm.text import some
from labkube.apply.references import name_of
from labkube.client.api import Api, Object

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


def serve(
    kubeflow: Kubeflow, release: Release, wanted: List[Object], adopt: bool, remark: str
) -> str:
    """Look at what is applied, and give it what it serves with.

    Args:
        kubeflow: What is there.
        release: The release.
        wanted: What is applied.
        adopt: Whether a certificate of others is taken over, as kfctl by hand leaves one.
        remark: What there is to say beside the address.

    Returns:
        The dashboard's address, and what else there is to say.

    Raises:
        WaitingError: With what does not serve yet.
    """
    titled, gateway = table.titled(release), kubeflow.gateway(release)
    machine, objects = kubeflow.site.machine, kubeflow.objects
    secret = gateway.tls_secret(machine)
    if secret is None or not gateway.address():
        raise WaitingError("%s: the gateway has no address yet" % titled)
    objects.apply([secret], adopt, prune=False)
    gateway.follow(objects.owns)
    _hand_over(kubeflow.api, wanted)
    workloads = [one for one in wanted if one["kind"] in _WORKLOADS]
    waiting = objects.not_ready(workloads, objects.look(workloads))
    if waiting:
        raise WaitingError("%s: %s" % (titled, _why(kubeflow.api, workloads, waiting)))
    trouble = gateway.check()
    if trouble:
        raise WaitingError("%s: %s" % (titled, trouble))
    remarks = (_remark(kubeflow, release), gateway.doubt(machine), remark)
    return "; ".join([gateway.url(), *(one for one in remarks if one)])


def _hand_over(api: Api, wanted: List[Object]) -> None:
    """Let the namespaces of our Profiles follow where the user is another than before.

    Its controller serves no Profile whose namespace has another owner (profile_controller.go).
    """
    for profile in (one for one in wanted if one["kind"] == "Profile"):
        owner = profile.get("spec", {}).get("owner", {}).get("name", "")
        metadata = {"name": profile["metadata"]["name"]}
        live = api.get({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        noted = ((live or {}).get("metadata", {}).get("annotations") or {}).get("owner", "")
        if live is not None and noted and noted != owner:
            found = dict(live, apiVersion="v1", kind="Namespace")
            api.patch(found, {"metadata": {"annotations": {"owner": owner}}})


def _why(api: Api, workloads: List[Object], waiting: List[str]) -> str:
    ready = len(workloads) - len(waiting)
    told = "%d of %d workloads ready; %s" % (ready, len(workloads), some(waiting, 2))
    late = [_workload(one) for one in workloads if _is_among(one, waiting)]
    return "; ".join([told, *diagnosis.diagnose(api, late)])


def _remark(kubeflow: Kubeflow, release: Release) -> str:
    """Say what is as it is and yet worth knowing."""
    wish = kubeflow.site.options.version.lstrip("v")
    if wish and wish != release.name:
        return "Kubeflow %s is installed; run upgrade for version %s" % (release.name, wish)
    return table.doubt(release, kubeflow.api.version())


def _workload(found: Object) -> Tuple[str, str, str]:
    metadata = found["metadata"]
    return found["kind"], metadata.get("namespace", ""), metadata["name"]


def _is_among(found: Object, waiting: List[str]) -> bool:
    return any(text.startswith(name_of(found) + " ") for text in waiting)
