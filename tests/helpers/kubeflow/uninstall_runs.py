"""Runs of the uninstall on a real API server, of a small Kubeflow with its controllers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from helpers.kube.api_server import ApiServer
from helpers.kubeflow.cluster_objects import (
    api_service,
    claim,
    definition,
    deployment,
    manifest_of,
    namespace_of,
    owned,
    volume,
    webhook,
)
from helpers.kubeflow.cluster_state import (
    STATE,
    create,
    existing,
    install,
    objects_of,
)
from helpers.kubeflow.preflight_runs import (
    inventory_of,
)
from helpers.processes import until
from kubeflow_installer.uninstall.steps import Outcome, Uninstall
from labkube.client.access import Access
from labkube.client.api import Api, ApiError

CRD = "CustomResourceDefinition"


FINALIZER = {"finalizers": ["profile-finalizer"]}
INVENTORY = inventory_of(
    namespaces=("kubeflow", "auth", "cert-manager"),
    at_run_time=(
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "katib"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "istio-galley"),
        ("v1", "Secret", "default", "istio.default"),
        ("v1", "ConfigMap", "default", "istio-ca-root-cert"),
        ("coordination.k8s.io/v1", "Lease", "kube-system", "cert-manager-controller"),
        ("apiextensions.k8s.io/v1", CRD, "", "studyjobs.kubeflow.org"),
        ("lab.example/v1", "Nothing", "", "that-the-server-has"),
    ),
)
PROFILE = manifest_of("kubeflow.org/v1", "Profile", "team", metadata=FINALIZER)
GALLEY = webhook("Validating", "istio-galley", "kubeflow", "CONNECT")
LEASE = manifest_of("coordination.k8s.io/v1", "Lease", "cert-manager-controller", "kube-system")


class Killed(BaseException):
    """The end of a hook's process, at one of its writes."""


class DyingApi(Api):
    """A client whose process is killed at one of its writes, before or after the server has it."""

    def __init__(self, server: ApiServer, writes: int, is_after: bool) -> None:
        super().__init__(Access(server.url, server.ca, server.token), patience=2)
        self._writes, self._is_after = writes, is_after

    def _send(self, method: str, *rest: Any) -> Any:
        self._writes -= method != "GET"
        if self._writes == 0 and not self._is_after:
            raise Killed
        answer = super()._send(method, *rest)
        if self._writes == 0:
            raise Killed
        return answer


def run_uninstall(api: Api, inventory: Any = None, seconds: float = 60, **options: Any) -> Outcome:
    """Run the uninstall for a while, with the state that an installation keeps."""

    def sleep(pause: float) -> None:
        time.sleep(min(pause, 0.2))

    uninstall = Uninstall(api, objects_of(api), inventory or inventory_of(), sleep, STATE)
    return uninstall.run(seconds, **options)


def controllers(api: Api) -> None:
    """Do what Kubeflow's controllers do.

    They remove their finalizers from deleted objects; galley, while it runs, recreates its webhook
    and custom resources as soon as they are deleted.
    """
    recreated = (GALLEY, manifest_of("kubeflow.org/v1", "StudyJob", "old", "default"))
    for kind in ("Profile", "Notebook"):
        with contextlib.suppress(ApiError):  # its definition is deleted
            for live in api.list("kubeflow.org/v1", kind):
                if "deletionTimestamp" in live["metadata"]:
                    api.patch(live, {"metadata": {"finalizers": None}})
    for manifest in recreated if api.get(deployment("galley")) else ():
        with contextlib.suppress(ApiError):
            if api.get(manifest) is None:
                api.create(manifest)


@contextlib.contextmanager
def foreign_objects(api: Api) -> Iterator[None]:
    """Create foreign objects, which an uninstall must not touch."""
    with existing(
        api, namespace_of("lab"), manifest_of("v1", "ConfigMap", "foreign", "lab"),
        manifest_of("v1", "Secret", "foreign", "lab"), volume("pv-lab", "lab", "data"),
        claim("data", "lab", "pv-lab"),
        webhook("Validating", "foreign", "lab", "CONNECT"),
    ):  # fmt: skip
        yield


FOREIGN = {
    "Namespace/lab", "ServiceAccount/lab/default", "ConfigMap/lab/foreign", "Secret/lab/foreign",
    "PersistentVolume/pv-lab", "PersistentVolumeClaim/lab/data",
    "ValidatingWebhookConfiguration/foreign",
}  # fmt: skip


def install_kubeflow(api: Api) -> None:
    """Install a small Kubeflow, with all that its users and its workloads create."""
    rbac = "rbac.authorization.k8s.io"
    role = {"apiGroup": rbac, "kind": "ClusterRole", "name": "kubeflow-admin"}
    create(
        api, volume("pv-mysql", "kubeflow", "mysql"),
        volume("pv-minio", "kubeflow", "minio", "Retain", hostPath={"path": "/srv/minio"}),
        volume("pv-team", "team", "work", csi={"driver": "lab.example", "volumeHandle": "v1"}),
    )  # fmt: skip
    install(
        api, namespace_of("kubeflow"), namespace_of("auth"),
        definition("profiles", "Profile", namespaced=False), definition("notebooks", "Notebook"),
        manifest_of("v1", "ServiceAccount", "argo", "kubeflow"),
        manifest_of("v1", "Secret", "dex", "auth", data={"a": "Yg=="}),
        manifest_of("v1", "ConfigMap", "dex", "auth", data={"a": "b"}),
        manifest_of(f"{rbac}/v1", "ClusterRole", "kubeflow-admin", rules=[]),
        manifest_of(f"{rbac}/v1", "ClusterRoleBinding", "kubeflow-admin", roleRef=role),
        deployment("galley"), deployment("dex", "auth"), deployment("istio-cni", "kube-system"),
        claim("mysql", "kubeflow", "pv-mysql"), PROFILE,
        api_service("webhook.cert-manager.io", "cert-manager"),
    )  # fmt: skip
    at_run_time = definition("studyjobs", "StudyJob")
    create(
        api, owned(api, namespace_of("team"), PROFILE),
        manifest_of("kubeflow.org/v1beta1", "Notebook", "mine", "team"),
        manifest_of("kubeflow.org/v1", "Notebook", "stray", "default", metadata=FINALIZER),
        manifest_of("v1", "ConfigMap", "users-own", "kubeflow"), at_run_time, LEASE,
        manifest_of("v1", "ConfigMap", "istio-ca-root-cert", "lab"),
        manifest_of("v1", "Secret", "istio.builder", "lab", type="istio.io/key-and-cert"),
    )  # fmt: skip
    objects_of(api).wait_until_ready([at_run_time], 10)
    create(api, manifest_of("kubeflow.org/v1", "StudyJob", "old", "default"))
    wait_until_bound(api, "pv-lab", "pv-mysql")
    install(api, webhook("Mutating", "admission", "kubeflow", "DELETE", "UPDATE"))
    create(api, webhook("Validating", "katib", "kubeflow", "DELETE", "UPDATE"))


def wait_until_bound(api: Api, *volumes: str) -> None:
    """Wait until the server's own controller has bound volumes to their claims."""
    manifests = [manifest_of("v1", "PersistentVolume", name) for name in volumes]
    until(
        lambda: all(api.get(manifest)["status"].get("phase") == "Bound" for manifest in manifests),
        60,
    )


KEPT = [
    "PV pv-minio (kubeflow/minio, 1Gi, hostPath /srv/minio)",
    "PV pv-mysql (kubeflow/mysql, 1Gi, nfs 10.0.0.10:/nfsroot/pv-mysql)",
    "PV pv-team (team/work, 1Gi, csi lab.example v1)",
]
VOLUMES = {"PersistentVolume/pv-minio", "PersistentVolume/pv-mysql", "PersistentVolume/pv-team"}


def reclaim_policies(api: Api) -> dict[str, str]:
    """Return the reclaim policies of all volumes."""
    volumes = api.list("v1", "PersistentVolume")
    key = "persistentVolumeReclaimPolicy"
    return {live["metadata"]["name"]: live["spec"][key] for live in volumes}


def wait_for_webhook(api: Api, is_called: bool) -> None:
    """Wait until the server calls its webhooks before a deletion, or no longer does."""
    victim = manifest_of("v1", "ConfigMap", "victim", "default")

    def is_refused() -> bool:
        if api.get(victim) is None:
            api.create(victim)
        try:
            api.delete(victim)
        except ApiError as error:
            return error.is_from_webhook
        return False

    until(lambda: is_refused() == is_called, 60)
