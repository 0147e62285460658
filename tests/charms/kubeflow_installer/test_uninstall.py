"""The way back, on an API of dictionaries as old as 1.13, and what it says of volumes and errors.

On real servers it runs in tests/kube; there is none of 1.13, whose definitions have their first
form, whose webhooks are of v1beta1, and which serves a Deployment in two groups.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from kubeflow_installer.uninstall import finalizers
from kubeflow_installer.uninstall import volumes as volumes_module
from kubeflow_installer.uninstall.uninstall import Outcome, Uninstall
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION, CHARM
from labkube.client.api import ApiError, Kind, UnknownKindError

LABELS = {APPLICATION: "kubeflow-installer.0", CHARM: "kubeflow-installer"}
ADMISSION = "admissionregistration.k8s.io/v1beta1"
CLUSTER_WIDE = (
    "Namespace", "PersistentVolume", "CustomResourceDefinition", "ClusterRole", "APIService",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "Profile",
)  # fmt: skip
BEFORE, SINCE, LATER = (f"2019-08-0{day}T00:00:00Z" for day in (1, 2, 3))


def made(
    api_version: str, kind: str, name: str, namespace: str = "", *, ours: bool = True, **more: Any
) -> Any:
    """Return an object as it is on the cluster."""
    metadata = {"name": name, "uid": f"{kind}/{namespace}/{name}", "creationTimestamp": LATER}
    if namespace:
        metadata["namespace"] = namespace
    if ours:
        metadata["labels"] = dict(LABELS)
    metadata.update(more.pop("metadata", {}))
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def definition(plural: str, kind: str, **more: Any) -> Any:
    """Return a definition of the first form."""
    spec = {
        "group": "kubeflow.org",
        "version": "v1beta1",
        "names": {"plural": plural, "kind": kind},
    }
    group = "apiextensions.k8s.io/v1beta1"
    return made(group, "CustomResourceDefinition", f"{plural}.kubeflow.org", spec=spec, **more)


BUILT_IN = [
    ("v1", "Namespace"), ("v1", "ConfigMap"), ("v1", "PersistentVolume"), ("v1", "Event"),
    ("v1", "PersistentVolumeClaim"), ("apps/v1", "Deployment"),
    ("extensions/v1beta1", "Deployment"), ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    (ADMISSION, "MutatingWebhookConfiguration"), (ADMISSION, "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
]  # fmt: skip
STATE = made("v1", "ConfigMap", "state", "kube-system", metadata={"creationTimestamp": SINCE})


class Old:
    """An API of dictionaries that deletes at once what has no finalizers.

    Args:
        objects: What is there.
        refusing: Names of objects whose deletion fails, and how.
        failing: Kinds that cannot be listed, and how.
    """

    def __init__(
        self, *objects: Any, refusing: dict[str, Any] | None = None, failing: Any = None
    ) -> None:
        self.objects = [copy.deepcopy(one) for one in objects]
        self.deleted: list[str] = []
        self.patched: list[str] = []
        self._refusing, self._failing = refusing or {}, failing or {}

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind there is; custom ones while they are defined."""
        crds = [one["spec"] for one in self.objects if one["kind"] == "CustomResourceDefinition"]
        return [
            *BUILT_IN,
            *((f"kubeflow.org/{one['version']}", one["names"]["kind"]) for one in crds),
        ]

    def kind(self, _: str, kind: str) -> Kind:
        """Return where a kind's objects are."""
        return Kind("/", kind.lower() + "s", kind not in CLUSTER_WIDE)

    def list(self, api_version: str, kind: str, selector: str = "") -> list[Any]:
        """Return the objects of a kind, of our labels where these are selected."""
        if kind in self._failing:
            raise self._failing[kind]
        if (api_version, kind) not in self.kinds():
            raise UnknownKindError(f"no {kind}")
        if selector:
            assert selector == ",".join(f"{key}={LABELS[key]}" for key in sorted(LABELS))
        found = [one for one in self.objects if one["kind"] == kind]
        ours = [one for one in found if one["metadata"].get("labels") == LABELS or not selector]
        return [{**copy.deepcopy(one), "apiVersion": api_version} for one in ours]

    def _find(self, sought: Any) -> Any:
        place = [sought["metadata"].get(key) or "" for key in ("namespace", "name")]
        for one in self.objects:
            metadata = one["metadata"]
            same = [metadata.get("namespace", ""), metadata["name"]] == place
            if one["kind"] == sought["kind"] and same:
                return one
        return None

    def get(self, sought: Any) -> Any:
        """Return an object."""
        return copy.deepcopy(self._find(sought))

    def delete(self, sought: Any) -> bool:
        """Delete an object, and with a namespace what is in it; keep what has finalizers."""
        name = sought["metadata"]["name"]
        if name in self._refusing:
            raise self._refusing[name]
        found = self._find(sought)
        if found is None:
            return False
        self.deleted.append(f"{sought['kind']} {name}")
        if found["metadata"].get("finalizers"):
            found["metadata"]["deletionTimestamp"] = LATER
            return True
        namespace = name if found["kind"] == "Namespace" else None
        self.objects = [
            one for one in self.objects
            if one is not found and one["metadata"].get("namespace", "") != namespace
        ]  # fmt: skip
        return True

    def patch(self, sought: Any, body: Any) -> Any:
        """Change a volume's policy and annotations, or labels."""
        found = self._find(sought)
        self.patched.append(found["metadata"]["name"])
        for key in ("annotations", "labels"):
            mine = found["metadata"].setdefault(key, {})
            mine.update(body["metadata"].get(key) or {})
            for gone in [one for one, value in mine.items() if value is None]:
                del mine[gone]
        found.get("spec", {}).update(body.get("spec") or {})
        return copy.deepcopy(found)


def inventory(*at_run_time: Any) -> Any:
    """Return an inventory of what workloads make."""
    return SimpleNamespace(namespaces=("kubeflow",), at_run_time=at_run_time)


def uninstalled(old: Old, *at_run_time: Any, seconds: float = 0, **options: Any) -> Outcome:
    """Uninstall from it."""
    objects = Objects(old, LABELS[APPLICATION], LABELS[CHARM], old.kinds())  # type: ignore[arg-type]
    way = Uninstall(
        old, objects, inventory(*at_run_time), lambda _: None, STATE  # type: ignore[arg-type]
    )  # fmt: skip
    return way.run(seconds, **options)


KUBEFLOW = (
    STATE,
    made("v1", "Namespace", "kubeflow"),
    made("v1", "Namespace", "kube-system"),  # whoever labelled it
    made("v1", "ConfigMap", "dex", "kubeflow"),
    made("v1", "ConfigMap", "elsewhere", "default"),
    made("apps/v1", "Deployment", "minio", "kubeflow"),
    made("rbac.authorization.k8s.io/v1", "ClusterRole", "kubeflow-admin"),
    made(ADMISSION, "MutatingWebhookConfiguration", "admission"),
    made("apiregistration.k8s.io/v1", "APIService", "v1beta1.webhook.cert-manager.io"),
    definition("profiles", "Profile"), definition("notebooks", "Notebook"),
    made("kubeflow.org/v1beta1", "Profile", "team"),
    made("kubeflow.org/v1beta1", "Notebook", "users", "default", ours=False),
    made("v1", "ConfigMap", "theirs", "default", ours=False),
)  # fmt: skip
GALLEY = (
    "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "istio-galley",
)  # fmt: skip


def test_the_order_of_an_old_server() -> None:
    """Each once, though two groups serve it; what galley makes again goes again."""
    galley = made(ADMISSION, "ValidatingWebhookConfiguration", "istio-galley", ours=False)
    old = Old(*KUBEFLOW, galley)

    assert uninstalled(old, GALLEY) == Outcome(True, [], [])

    assert sorted(old.deleted[:3]) == [
        "APIService v1beta1.webhook.cert-manager.io",
        "MutatingWebhookConfiguration admission",
        "ValidatingWebhookConfiguration istio-galley",
    ]
    assert old.deleted[3:] == [
        "Profile team",
        "Notebook users",
        "Deployment minio",
        "Namespace kubeflow",
        "CustomResourceDefinition notebooks.kubeflow.org",
        "CustomResourceDefinition profiles.kubeflow.org",
        "ClusterRole kubeflow-admin",
        "ConfigMap elsewhere",
    ]
    left = [one["metadata"]["name"] for one in old.objects]
    assert left == ["state", "kube-system", "theirs"]


class Galley(Old):
    """A cluster on which galley makes its webhook anew, as long as its Deployment is there."""

    def delete(self, sought: Any) -> bool:
        """Delete an object; the webhook is there again at once, as another one."""
        found = super().delete(sought)
        galley = any(one["metadata"]["name"] == "galley" for one in self.objects)
        if sought["metadata"]["name"] == "istio-galley" and galley:
            self.objects.append(galley_webhook(len(self.deleted)))
        return found


def galley_webhook(number: int = 0) -> Any:
    """Return galley's webhook, each time another one."""
    uid = {"uid": f"galley {number}"}
    group = "ValidatingWebhookConfiguration"
    return made(ADMISSION, group, "istio-galley", ours=False, metadata=uid)


def test_what_a_controller_makes_anew_goes_after_it() -> None:
    """It is not waited for while the controller runs, and does not stay."""
    galley = made("apps/v1", "Deployment", "galley", "istio-system")
    old = Galley(*KUBEFLOW, galley, galley_webhook())

    assert uninstalled(old, GALLEY, seconds=1) == Outcome(True, [], [])

    deleted = [name.split()[1] for name in old.deleted]
    assert deleted.count("istio-galley") == 2
    last = len(deleted) - 1 - deleted[::-1].index("istio-galley")
    assert deleted.index("galley") < last
    assert not any("galley" in one["metadata"]["name"] for one in old.objects)


def test_what_is_made_at_run_time_but_was_there_before() -> None:
    """It is not of our workloads, so it stays."""
    before = {"creationTimestamp": BEFORE}
    galley = made(
        ADMISSION, "ValidatingWebhookConfiguration", "istio-galley", ours=False, metadata=before
    )
    old = Old(*KUBEFLOW, galley)
    assert uninstalled(old, GALLEY).done
    assert old.get(galley)


def test_nothing_happens_before_its_turn() -> None:
    """While a Profile's finalizer holds it, no workload goes: its controller may be the one."""
    held = made("kubeflow.org/v1beta1", "Profile", "team", metadata={"finalizers": ["a", "b"]})
    old = Old(*[one for one in KUBEFLOW if one["kind"] != "Profile"], held)

    found = uninstalled(old)

    assert found.left == [
        "Profile team is held by its finalizers a, b; where what removes them is gone: kubectl"
        """ patch profiles.kubeflow.org team --type=merge -p '{"metadata":{"finalizers":null}}'"""
    ]
    assert old.deleted[2:] == ["Profile team"]
    assert uninstalled(old).left == found.left
    assert old.deleted[2:] == ["Profile team"], "it was asked for already"


def test_what_is_refused() -> None:
    """Told with the server's words; the others of the step go."""
    forbidden = ApiError(403, "Forbidden", "is forbidden: lab's rule")
    old = Old(*KUBEFLOW, refusing={"profiles.kubeflow.org": forbidden})
    assert uninstalled(old) == Outcome(
        False,
        ["CustomResourceDefinition profiles.kubeflow.org: is forbidden: lab's rule"],
        [],
    )
    assert "CustomResourceDefinition notebooks.kubeflow.org" in old.deleted
    assert "ClusterRole kubeflow-admin" not in old.deleted


def test_what_cannot_be_listed() -> None:
    """It is not taken for gone."""
    broken = ApiError(500, "InternalError", "storage is broken")
    old = Old(*KUBEFLOW, failing={"Notebook": broken})
    told = "Notebook of kubeflow.org/v1beta1 cannot be listed: storage is broken"
    assert uninstalled(old) == Outcome(False, [told], [])
    assert "Deployment minio" not in old.deleted


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("PersistentVolume", "it broke"),
        ("PersistentVolumeClaim", "PersistentVolumeClaim of v1 cannot be listed: it broke"),
        ("Namespace", "Namespace of v1 cannot be listed: it broke"),
        ("CustomResourceDefinition", "CustomResourceDefinition of apiextensions.k8s.io/v1beta1"
         " cannot be listed: it broke"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [403, 500])
def test_volumes_that_cannot_be_known(kind: str, told: str, status: int) -> None:
    """Nothing goes that the data of a volume hang on."""
    old = Old(*KUBEFLOW, failing={kind: ApiError(status, "", "it broke")})
    assert uninstalled(old) == Outcome(False, [f"volumes cannot be changed: {told}"], [])
    assert sorted(old.deleted) == [
        "APIService v1beta1.webhook.cert-manager.io", "MutatingWebhookConfiguration admission",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [0, 401])
def test_a_server_that_does_not_let_in(status: int) -> None:
    for options in (
        {"failing": {"Profile": ApiError(status, "", "gone")}},
        {"refusing": {"team": ApiError(status, "", "gone")}},
    ):
        with pytest.raises(ApiError, match="gone"):
            uninstalled(Old(*KUBEFLOW, **options))


def test_many_that_wait() -> None:
    """The first are explained, the others counted."""
    held = {"finalizers": ["a"]}
    many = [
        made("kubeflow.org/v1beta1", "Notebook", f"n{number}", "default", metadata=held)
        for number in range(8)
    ]
    found = uninstalled(Old(*KUBEFLOW, *many))
    assert len(found.left) == 6
    assert found.left[-1] == "3 more objects wait"


# Volumes.


def volume(name: str, namespace: str = "kubeflow", phase: str = "Bound", **more: Any) -> Any:
    """Return a volume of a claim of the same name."""
    notes = more.pop("notes", {})
    spec = {
        "capacity": {"storage": "20Gi"}, "claimRef": {"namespace": namespace, "name": name},
        "persistentVolumeReclaimPolicy": more.pop("policy", "Delete"), "accessModes": ["a"],
        **(more or {"nfs": {"server": "10.0.0.10", "path": "/nfsroot/a"}}),
    }  # fmt: skip
    metadata = {"annotations": notes}
    status = {"phase": phase}
    return made(
        "v1", "PersistentVolume", name, ours=False, metadata=metadata, spec=spec, status=status
    )


def settled(*volumes: Any, delete_data: bool = False) -> tuple[Old, list[str]]:
    """Settle volumes; return the cluster and what is kept, by name."""
    old = Old(*volumes)
    kept = volumes_module.settle(
        old, lambda namespace, _: namespace == "kubeflow", delete_data  # type: ignore[arg-type]
    )  # fmt: skip
    return old, [text.split()[1] for text in kept]


NOTE = {volumes_module.BEFORE: "Delete"}
RETAINED = {"policy": "Retain", "notes": NOTE}


@pytest.mark.parametrize(
    ("found", "delete_data", "kept", "policy", "note"),
    [
        # What goes with its claim is kept; by the note it is known when the claim is gone.
        (volume("a"), False, True, "Retain", "Delete"),
        (volume("a", policy="Recycle"), False, True, "Retain", "Recycle"),
        (volume("a", policy="Retain"), False, True, "Retain", "Retain"),
        (volume("a", phase="Available"), False, True, "Retain", "Delete"),
        # Somebody turned it back meanwhile.
        (volume("a", notes=NOTE), False, True, "Retain", "Delete"),
        # With its data it goes by its own policy.
        (volume("a"), True, False, "Delete", None),
        (volume("a", **RETAINED), True, False, "Delete", None),
        (volume("a", policy="Retain"), True, True, "Retain", "Retain"),
        # An earlier uninstall kept it: whoever asks for data to go now, means others.
        (volume("a", phase="Released", **RETAINED), True, True, "Retain", "Delete"),
        (volume("a", namespace="gone", **RETAINED), False, True, "Retain", "Delete"),
        # On its way out, or others'.
        (volume("a", phase="Released"), False, False, "Delete", None),
        (volume("a", phase="Failed"), False, False, "Delete", None),
        (volume("a", namespace="lab"), False, False, "Delete", None),
        (volume("a", namespace="lab", policy="Retain"), False, False, "Retain", None),
    ],
)  # fmt: skip
def test_volumes(found: Any, delete_data: bool, kept: bool, policy: str, note: str | None) -> None:
    old, names = settled(found, delete_data=delete_data)
    assert names == (["a"] if kept else [])
    (live,) = old.objects
    assert live["spec"]["persistentVolumeReclaimPolicy"] == policy
    assert live["metadata"]["annotations"].get(volumes_module.BEFORE) == note
    again, names = settled(live, delete_data=delete_data)
    assert (again.patched, names) == ([], ["a"] if kept else [])


ON_NODE = {
    "required": {
        "nodeSelectorTerms": [
            {"matchExpressions": [{"key": "kubernetes.io/hostname", "values": ["gpu1"]}]}
        ]
    }
}


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ({"nfs": {"server": "10.0.0.10", "path": "/nfsroot/a"}}, "nfs 10.0.0.10:/nfsroot/a"),
        ({"csi": {"driver": "nfs.csi.k8s.io", "volumeHandle": "x#y"}}, "csi nfs.csi.k8s.io x#y"),
        ({"rbd": {"pool": "kube", "image": "a"}}, "rbd kube/a"),
        ({"rbd": {"image": "a"}}, "rbd rbd/a"),
        ({"hostPath": {"path": "/srv/a"}}, "hostPath /srv/a"),
        ({"local": {"path": "/srv/a"}, "nodeAffinity": ON_NODE}, "local /srv/a on gpu1"),
        ({"cinder": {"volumeID": "a"}, "volumeMode": "Filesystem"}, "cinder"),
    ],
)
def test_a_volume_in_words(source: Any, where: str) -> None:
    assert (
        volumes_module.told(volume("pv-1", **source)) == f"PV pv-1 (kubeflow/pv-1, 20Gi, {where})"
    )
    assert volumes_module.told(made("v1", "PersistentVolume", "a", spec={})) == "PV a (/, ?, ?)"


# What holds objects.


@pytest.mark.parametrize("words", ["failed calling webhook", "failed calling admission webhook"])
def test_a_refusal_by_a_webhook(words: str) -> None:
    """Its configuration is named, by the words of servers of either age."""
    hooks = [{"name": "guard.example.com"}]
    theirs = made(ADMISSION, "ValidatingWebhookConfiguration", "guard", webhooks=hooks)
    old: Any = Old(theirs)
    error = ApiError(500, "", f'{words} "guard.example.com": connection refused')
    found = made("apps/v1", "Deployment", "minio", "kubeflow")
    assert finalizers.refusal(old, found, error, old.kinds()) == (
        f'Deployment kubeflow/minio: {words} "guard.example.com": connection refused; where'
        " nothing serves it any more: kubectl delete validatingwebhookconfiguration guard"
    )


def test_a_namespace_with_conditions_alone() -> None:
    """Where nothing that can be listed is in it, its own words are told (from 1.16 on)."""
    conditions = [
        {"type": "NamespaceDeletionContentFailure", "status": "True", "message": "lab\nbroke"},
        {"type": "NamespaceContentRemaining", "status": "True", "message": "not told"},
        {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "not told"},
    ]
    namespace = made("v1", "Namespace", "kubeflow", status={"conditions": conditions})
    assert finalizers.holding(Old(namespace), namespace, []) == [  # type: ignore[arg-type]
        "Namespace kubeflow: lab broke"
    ]
    namespace["status"] = {}
    assert finalizers.holding(Old(namespace), namespace, []) == [  # type: ignore[arg-type]
        "Namespace kubeflow is not gone yet"
    ]
