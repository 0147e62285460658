"""Objects that others made under the names of a release's objects."""

from __future__ import annotations

from typing import Any

from kubeflow_installer.preflight import foreign_objects
from kubeflow_installer.releases.inventory import Inventory
from labkube.client.api import UnknownKindError

INVENTORY = Inventory(
    "x",
    namespaces=("kubeflow", "istio-system"),
    workloads=(("Deployment", "kubeflow", "ui"), ("CronJob", "kubeflow", "clean")),
    claims=(("kubeflow", "mysql"),),
    definitions=("profiles.kubeflow.org",),
    webhooks=(("ValidatingWebhookConfiguration", "katib"),),
)


class Cluster:
    """An API with some objects.

    Args:
        objects: The objects.
        unknown: The API versions that the server does not have.
    """

    def __init__(self, *objects: dict[str, Any], unknown: tuple[str, ...] = ()) -> None:
        self._objects, self._unknown = objects, unknown
        self.listed: list[str] = []

    def list(self, api_version: str, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        if api_version in self._unknown:
            raise UnknownKindError(api_version, kind)
        self.listed.append(f"{api_version} {kind}")
        return [live for live in self._objects if live["kind"] == kind]

    def get(self, reference: dict[str, Any]) -> dict[str, Any] | None:
        """Return the object of a reference."""
        metadata = reference["metadata"]
        for live in self._objects:
            place = (live["metadata"].get("namespace", ""), live["metadata"]["name"])
            if live["kind"] == reference["kind"] and place == (
                metadata.get("namespace", ""),
                metadata["name"],
            ):
                return live
        return None


class Owned:
    """The application's objects: those with a label."""

    def owns(self, live: dict[str, Any]) -> bool:
        """Return whether the application made an object."""
        return "labels" in live["metadata"]


def live(kind: str, name: str, namespace: str = "", **metadata: Any) -> dict[str, Any]:
    """Return an object."""
    place = {"namespace": namespace} if namespace else {}
    head = {"apiVersion": "v1", "kind": kind}
    return {**head, "metadata": {"name": name, **place, **metadata}}


def names(api: Cluster, inventory: Inventory = INVENTORY) -> list[str]:
    """Return the names of the foreign objects."""
    cluster: Any = api
    owned: Any = Owned()
    return foreign_objects.names(cluster, owned, inventory)


def test_foreign_objects_of_every_kind_are_named() -> None:
    """In the order of kinds. Other names, and other namespaces, do not count."""
    cluster = Cluster(
        live("Namespace", "kubeflow"),
        live("Namespace", "default"),
        live("Deployment", "ui", "kubeflow"),
        live("Deployment", "ui", "other"),
        live("CronJob", "clean", "kubeflow"),
        live("PersistentVolumeClaim", "mysql", "kubeflow"),
        live("CustomResourceDefinition", "profiles.kubeflow.org"),
        live("ValidatingWebhookConfiguration", "katib"),
        live("ValidatingWebhookConfiguration", "other"),
    )

    assert names(cluster) == [
        "CronJob kubeflow/clean",
        "CustomResourceDefinition profiles.kubeflow.org",
        "Deployment kubeflow/ui",
        "Namespace kubeflow",
        "PersistentVolumeClaim kubeflow/mysql",
        "ValidatingWebhookConfiguration katib",
    ]
    assert cluster.listed == [
        "batch/v1 CronJob",
        "apiextensions.k8s.io/v1 CustomResourceDefinition",
        "apps/v1 Deployment",
        "v1 Namespace",
        "v1 PersistentVolumeClaim",
        "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration",
    ]


def test_kinds_without_names_are_not_listed() -> None:
    cluster = Cluster(live("Namespace", "kubeflow"))

    assert names(cluster, Inventory("x", namespaces=("kubeflow",))) == ["Namespace kubeflow"]
    assert cluster.listed == ["v1 Namespace"]


def test_old_server_is_asked_in_its_own_api_version() -> None:
    """A kind that it does not have at all has no objects."""
    inventory = Inventory("x", workloads=(("CronJob", "n", "a"), ("Deployment", "n", "a")))
    cluster = Cluster(live("CronJob", "a", "n"), unknown=("batch/v1", "apps/v1"))

    assert names(cluster, inventory) == ["CronJob n/a"]
    assert cluster.listed == ["batch/v1beta1 CronJob"]


def test_own_objects_and_what_controllers_made_for_them_are_not_foreign() -> None:
    """The namespace of a Profile is made by a controller, as any object with an owner."""
    profile = {"apiVersion": "kubeflow.org/v1", "kind": "Profile", "name": "team"}
    cluster = Cluster(
        live("Profile", "team", labels={}),
        live("Namespace", "kubeflow", ownerReferences=[profile]),
        live("Namespace", "istio-system", ownerReferences=[{**profile, "name": "gone"}]),
        live("Deployment", "ui", "kubeflow", labels={}),
        live("PersistentVolumeClaim", "mysql", "kubeflow", ownerReferences=None),
    )

    assert names(cluster) == [
        "Namespace istio-system",
        "PersistentVolumeClaim kubeflow/mysql",
    ]
