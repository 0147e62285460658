"""An API of dictionaries as old as 1.13, for tests of the uninstall.

Definitions have their first form, webhooks are of v1beta1, and two groups serve Deployments. Of
this version there is no real server in tests/kube.
"""

from __future__ import annotations

import copy
from typing import Any

from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL
from labkube.client.api import ApiError, Resource, UnknownKindError

LABELS = {APPLICATION_LABEL: "kubeflow-installer.0", CHARM_LABEL: "kubeflow-installer"}
ADMISSION = "admissionregistration.k8s.io/v1beta1"
CLUSTER_WIDE = (
    "Namespace", "PersistentVolume", "CustomResourceDefinition", "ClusterRole", "APIService",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "Profile",
)  # fmt: skip
# Creation times: before the installation, of its state, and of its objects.
BEFORE, SINCE, LATER = (f"2019-08-0{day}T00:00:00Z" for day in (1, 2, 3))
BUILT_IN = [
    ("v1", "Namespace"), ("v1", "ConfigMap"), ("v1", "PersistentVolume"), ("v1", "Event"),
    ("v1", "PersistentVolumeClaim"), ("apps/v1", "Deployment"),
    ("extensions/v1beta1", "Deployment"), ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    (ADMISSION, "MutatingWebhookConfiguration"), (ADMISSION, "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
]  # fmt: skip


def live(
    api_version: str, kind: str, name: str, namespace: str = "", *, owned: bool = True,
    **fields: Any,
) -> Any:  # fmt: skip
    """Return an object as it is on the cluster, with the application's labels or without."""
    metadata = {"name": name, "uid": f"{kind}/{namespace}/{name}", "creationTimestamp": LATER}
    if namespace:
        metadata["namespace"] = namespace
    if owned:
        metadata["labels"] = dict(LABELS)
    metadata.update(fields.pop("metadata", {}))
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def definition(plural: str, kind: str) -> Any:
    """Return a definition of the first form."""
    spec = {
        "group": "kubeflow.org",
        "version": "v1beta1",
        "names": {"plural": plural, "kind": kind},
    }
    name = f"{plural}.kubeflow.org"
    return live("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", name, spec=spec)


STATE = live("v1", "ConfigMap", "state", "kube-system", metadata={"creationTimestamp": SINCE})


class OldApi:
    """A server that deletes an object at once unless it has finalizers.

    Args:
        objects: The existing objects.
        refusing: Errors with which deletions fail, by the object's name.
        failing: Errors with which lists fail, by kind.

    Attributes:
        deleted: Kind and name of each deletion.
        patched: The names of patched objects.
    """

    def __init__(
        self,
        *objects: Any,
        refusing: dict[str, ApiError] | None = None,
        failing: dict[str, ApiError] | None = None,
    ) -> None:
        self.objects = [copy.deepcopy(entry) for entry in objects]
        self.deleted: list[str] = []
        self.patched: list[str] = []
        self._refusing, self._failing = refusing or {}, failing or {}

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind, custom ones as long as they are defined."""
        specs = [
            entry["spec"] for entry in self.objects if entry["kind"] == "CustomResourceDefinition"
        ]
        custom = [(f"kubeflow.org/{spec['version']}", spec["names"]["kind"]) for spec in specs]
        return [*BUILT_IN, *custom]

    def kind(self, _: str, kind: str) -> Resource:
        """Return where a kind's objects are."""
        return Resource("/", kind.lower() + "s", kind not in CLUSTER_WIDE)

    def list(self, api_version: str, kind: str, selector: str = "") -> list[Any]:
        """Return the objects of a kind, only those with the labels if they are selected."""
        if kind in self._failing:
            raise self._failing[kind]
        if (api_version, kind) not in self.kinds():
            raise UnknownKindError(f"no {kind}")
        if selector:
            assert selector == ",".join(f"{key}={LABELS[key]}" for key in sorted(LABELS))
        return [
            {**copy.deepcopy(entry), "apiVersion": api_version}
            for entry in self.objects
            if entry["kind"] == kind
            and (not selector or entry["metadata"].get("labels") == LABELS)
        ]

    def _find(self, reference: Any) -> Any:
        key = _key(reference)
        return next((entry for entry in self.objects if _key(entry) == key), None)

    def get(self, reference: Any) -> Any:
        """Return an object."""
        return copy.deepcopy(self._find(reference))

    def delete(self, reference: Any) -> bool:
        """Delete an object, and with a namespace its content; finalizers hold an object."""
        name = reference["metadata"]["name"]
        if name in self._refusing:
            raise self._refusing[name]
        target = self._find(reference)
        if target is None:
            return False
        self.deleted.append(f"{reference['kind']} {name}")
        if target["metadata"].get("finalizers"):
            target["metadata"]["deletionTimestamp"] = LATER
            return True
        namespace = name if target["kind"] == "Namespace" else None
        self.objects = [
            entry for entry in self.objects
            if entry is not target and entry["metadata"].get("namespace", "") != namespace
        ]  # fmt: skip
        return True

    def patch(self, reference: Any, body: Any) -> Any:
        """Change a volume's policy and annotations, or labels."""
        target = self._find(reference)
        self.patched.append(target["metadata"]["name"])
        for key in ("annotations", "labels"):
            fields = target["metadata"].setdefault(key, {})
            fields.update(body["metadata"].get(key) or {})
            for name in [name for name, text in fields.items() if text is None]:
                del fields[name]
        target.get("spec", {}).update(body.get("spec") or {})
        return copy.deepcopy(target)


def _key(reference: Any) -> tuple[str, str, str]:
    metadata = reference["metadata"]
    return reference["kind"], metadata.get("namespace") or "", metadata["name"]
