"""The trial of a claim: everything that it makes is removed again, whatever fails.

With a real API, kubelet and provisioner it runs in tests/kube/test_nfs_claims.py. The failures are
played here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labkube.client.api import ApiError
from nfs_server.verify.claim_trial import ClaimTrial
from nfs_server.verify.mount_trial import WRITE_SCRIPT
from nfs_server.verify.params import VerifyParams

DIRECTORY = "/nfsroot/default-nfs-verify-x-pvc-1"


def node(name: str, ready: str = "True", **spec: Any) -> JsonObject:
    """Return a node."""
    conditions = [{"type": "Ready", "status": ready}]
    return {"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}


class BindingApi:
    """An API that binds claims, and whose pods end in a phase.

    Args:
        root: The root of the machine, which gets the directories of claims.
        binds: Whether claims are bound.
        phase: The phase that pods end in.

    Attributes:
        created: What was sent to create objects.
    """

    def __init__(self, root: Path, binds: bool = True, phase: str = "Succeeded") -> None:
        self.objects: dict[str, JsonObject] = {}
        self.created: list[JsonObject] = []
        self._root, self._binds, self._phase = root, binds, phase
        self.nodes = [node("a")]
        self.failing_node = ""

    def create(self, body: JsonObject) -> JsonObject:
        """Create an object, and what follows from it."""
        self.created.append(body)
        kind = body["kind"]
        node_name = body["spec"].get("nodeName", "")
        created = {**body, "metadata": {**body["metadata"], "name": f"nfs-verify-x{node_name}"}}
        phase = "Failed" if node_name == self.failing_node else self._phase
        created["status"] = {"phase": phase if kind == "Pod" else "Pending"}
        if kind == "PersistentVolumeClaim" and self._binds:
            created["status"], created["spec"] = {"phase": "Bound"}, {"volumeName": "pvc-1"}
            (self._root / DIRECTORY[1:]).mkdir(parents=True)
            spec = {"nfs": {"path": DIRECTORY}}
            self.objects["PersistentVolume"] = {"metadata": {"name": "pvc-1"}, "spec": spec}
        self.objects[key_of(created)] = created
        return created

    def get(self, manifest: JsonObject) -> JsonObject | None:
        """Return an object."""
        return self.objects.get(key_of(manifest))

    def list(self, _: str, kind: str, selector: str = "") -> list[JsonObject]:
        """Return the nodes, or the objects of a kind that trials of the application left."""
        if kind == "Node":
            return self.nodes
        assert selector == "app.lab-charms/verified-by=nfs-server.0"
        return [live for live in self.objects.values() if live.get("kind") == kind]

    def delete(self, manifest: JsonObject) -> None:
        """Delete an object; a claim's directory is archived, as the provisioner does it."""
        self.objects.pop(key_of(manifest), None)
        is_claim = manifest["kind"] == "PersistentVolumeClaim"
        if is_claim and self.objects.pop("PersistentVolume", None):
            directory = self._root / DIRECTORY[1:]
            directory.rename(directory.with_name(f"archived-{directory.name}"))

    def request(self, *_: str, **__: Any) -> JsonObject:
        """Return an event."""
        return {"items": [{"message": "the last event"}]}


def key_of(manifest: JsonObject) -> str:
    """Return the key of an object: its kind, and a pod's node."""
    return f"{manifest['kind']}{manifest.get('spec', {}).get('nodeName', '')}"


def run_trial(api: BindingApi, root: Path) -> dict[str, tuple[bool, str]]:
    """Run the trial; return the outcome of each check."""
    trial = ClaimTrial(
        Machine(str(root)),
        api,  # type: ignore[arg-type]
        VerifyParams("busybox", "default", 0.01),
        "nfs-server.0",
        sleep=lambda _: None,
    )
    return {check.name: (check.ok, check.message) for check in trial.run("nfs", "/nfsroot")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a machine's root, with files of others in the share."""
    (tmp_path / "nfsroot/archived-default-others-pvc-2").mkdir(parents=True)
    return tmp_path


def test_claim_is_bound_and_written(root: Path) -> None:
    """The archived directory of the trial is removed; those of others stay."""
    api = BindingApi(root)
    assert run_trial(api, root) == {
        "claim": (True, f"bound to {DIRECTORY}"), "pod": (True, "pods on a wrote to the claim"),
    }  # fmt: skip
    assert api.objects == {}
    names = [path.name for path in (root / "nfsroot").iterdir()]
    assert names == ["archived-default-others-pvc-2"]


def test_objects_of_a_killed_trial_are_removed_by_the_next_one(root: Path) -> None:
    """The claim with its directory, and the pods. The next trial runs as usual."""

    class Killed(BaseException):
        """The process was killed, so that no code of the trial runs any more."""

    class KillingApi(BindingApi):
        """An API during whose first requests for a deletion the charm is killed."""

        is_killed = True

        def delete(self, manifest: JsonObject) -> None:
            """Delete an object, or kill the charm."""
            if self.is_killed:
                raise Killed
            super().delete(manifest)

    api = KillingApi(root)
    with pytest.raises(Killed):
        run_trial(api, root)
    assert sorted(api.objects) == ["PersistentVolume", "PersistentVolumeClaim", "Poda"]
    labels = [created["metadata"]["labels"] for created in api.created]
    assert labels == [{"app.lab-charms/verified-by": "nfs-server.0"}] * 2

    api.is_killed = False
    assert [ok for ok, _ in run_trial(api, root).values()] == [True, True]
    assert api.objects == {}
    names = [path.name for path in (root / "nfsroot").iterdir()]
    assert names == ["archived-default-others-pvc-2"]


def test_unbound_claim_is_reported_with_its_last_event(root: Path) -> None:
    """The claim is deleted all the same."""
    api = BindingApi(root, binds=False)
    assert run_trial(api, root) == {"claim": (False, "not bound: the last event")}
    assert api.objects == {}


def test_failed_pod_is_reported_with_its_last_event(root: Path) -> None:
    """And with its node."""
    checks = run_trial(BindingApi(root, phase="Failed"), root)
    assert checks["pod"] == (False, "on a the pod is Failed: the last event")


def test_no_pod_is_tried_without_a_ready_node(root: Path) -> None:
    """Nor on a node that takes no pods."""
    api = BindingApi(root)
    api.nodes = [node("a", ready="Unknown"), node("b", unschedulable=True)]
    assert list(run_trial(api, root)) == ["claim"]


def test_pod_is_tried_on_every_ready_node(root: Path) -> None:
    """The failure names the one without nfs-common; all pods are deleted."""
    api = BindingApi(root)
    api.nodes = [node("c"), node("a"), node("b")]
    assert run_trial(api, root)["pod"] == (True, "pods on a, b, c wrote to the claim")
    api.failing_node = "b"
    assert run_trial(api, root)["pod"] == (False, "on b the pod is Failed: the last event")
    assert api.objects == {}


def test_sixteen_nodes_of_a_large_cluster_are_tried(root: Path) -> None:
    """The message names the others."""
    api = BindingApi(root)
    api.nodes = [node(f"n{number:02}") for number in range(20)]
    ok, message = run_trial(api, root)["pod"]
    assert ok
    assert message.endswith("n14, n15 wrote to the claim; not tried on n16, n17, n18 and 1 more")


def test_pod_that_cannot_be_deleted_keeps_nothing_else(root: Path) -> None:
    """The other pods and the claim are deleted."""
    api = BindingApi(root)
    api.nodes = [node("a"), node("b")]
    delete = api.delete

    def refuse(manifest: JsonObject) -> None:
        if key_of(manifest) == "Poda":
            raise ApiError(403, "Forbidden", "no")
        delete(manifest)

    api.delete = refuse  # type: ignore[method-assign]
    with pytest.raises(ApiError):
        run_trial(api, root)
    assert list(api.objects) == ["Poda"]


def test_claim_and_pod_are_the_smallest_that_can_be_tried(root: Path) -> None:
    """The pod tolerates every taint, because a reserved node has to mount too."""
    api = BindingApi(root)
    run_trial(api, root)
    claim, pod = api.created

    labels = {"app.lab-charms/verified-by": "nfs-server.0"}
    metadata = {"generateName": "nfs-verify-", "namespace": "default", "labels": labels}
    spec = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "nfs",
        "resources": {"requests": {"storage": "1Mi"}},
    }
    assert claim == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": spec,
    }
    (container,) = pod["spec"].pop("containers")
    assert pod == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "restartPolicy": "Never",
            "volumes": [{"name": "claim", "persistentVolumeClaim": {"claimName": "nfs-verify-x"}}],
            "nodeName": "a",
            "tolerations": [{"operator": "Exists"}],
        },
    }
    assert container == {
        "name": "write",
        "image": "busybox",
        "command": ["sh", "-c", WRITE_SCRIPT, "sh", "/claim"],
        "volumeMounts": [{"name": "claim", "mountPath": "/claim"}],
    }


@pytest.mark.parametrize(
    ("phase", "policy", "is_kept"),
    [("Released", "Retain", False), ("Released", "Delete", True), ("Bound", "Retain", True)],
)
def test_retained_volume_of_the_trial_is_deleted(
    root: Path, phase: str, policy: str, is_kept: bool
) -> None:
    """A volume that the provisioner is about to delete is left to it."""
    api = BindingApi(root)
    delete = api.delete

    def release(manifest: JsonObject) -> None:
        if manifest["kind"] != "PersistentVolumeClaim":
            delete(manifest)
            return
        del api.objects["PersistentVolumeClaim"]
        volume = api.objects["PersistentVolume"]
        volume["spec"]["persistentVolumeReclaimPolicy"] = policy
        volume["status"] = {"phase": phase}

    api.delete = release  # type: ignore[method-assign]
    checks = run_trial(api, root)
    assert list(api.objects) == (["PersistentVolume"] if is_kept else [])
    remaining = (False, "PersistentVolume pvc-1 is not deleted; see the provisioner's log")
    assert checks.get("claim-removed") == (remaining if is_kept else None)
