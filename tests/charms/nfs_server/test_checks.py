"""The trial of a claim against an API of dictionaries: what is made is taken away, always.

With a real API, kubelet, provisioner and mount it runs in tests/kube/test_nfs_claims.py; what goes
wrong is played here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from labcharm.machine import Machine
from nfs_checks import Claim, Trial
from nfs_cluster import Wish
from nfs_provisioner import V4, Class

KIND = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")
FOLDER = "/nfsroot/default-nfs-verify-x-pvc-1"


class Cluster:
    """An API that binds claims and ends pods as told."""

    def __init__(self, root: Path, binds: bool = True, phase: str = "Succeeded") -> None:
        self.there: dict[str, Any] = {}
        self._root, self._binds, self._phase = root, binds, phase
        self.nodes = [{"status": {"conditions": [{"type": "Ready", "status": "True"}]}}]

    def create(self, body: Any) -> Any:
        """Make an object, and what follows from it."""
        kind = body["kind"]
        made = {**body, "metadata": {**body["metadata"], "name": "nfs-verify-x"}}
        made["status"] = {"phase": self._phase if kind == "Pod" else "Pending"}
        if kind == "PersistentVolumeClaim" and self._binds:
            made["status"], made["spec"] = {"phase": "Bound"}, {"volumeName": "pvc-1"}
            (self._root / FOLDER[1:]).mkdir(parents=True)
            spec = {"nfs": {"path": FOLDER}}
            self.there["PersistentVolume"] = {"metadata": {"name": "pvc-1"}, "spec": spec}
        self.there[kind] = made
        return made

    def get(self, found: Any) -> Any:
        """Return what is there."""
        return self.there.get(found["kind"])

    def list(self, *_: str) -> Any:
        """Return the nodes."""
        return self.nodes

    def delete(self, found: Any) -> None:
        """Take an object away; a claim's folder is archived as the provisioner does it."""
        self.there.pop(found["kind"], None)
        if found["kind"] == "PersistentVolumeClaim" and self.there.pop("PersistentVolume", None):
            folder = self._root / FOLDER[1:]
            folder.rename(folder.with_name("archived-" + folder.name))

    def request(self, *_: str, **__: Any) -> Any:
        """Return events."""
        return {"items": [{"message": "it is said"}]}


def trial(cluster: Cluster, root: Path) -> dict[str, tuple[bool, str]]:
    """Run the trial; return what was seen by name."""
    claim = Claim(
        Machine(str(root)),
        cluster,
        Trial("busybox", "default", 0.01),
        sleep=lambda _: None,  # type: ignore[arg-type]
    )
    return {
        one.name: (one.ok, one.message) for one in claim.checks(Wish(V4, KIND, []), "/nfsroot")
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a machine's root, with data of others in the share."""
    (tmp_path / "nfsroot/archived-default-others-pvc-2").mkdir(parents=True)
    return tmp_path


def test_bound_and_written(root: Path) -> None:
    """Both hold; the archived folder of the trial goes, others' stay."""
    cluster = Cluster(root)
    assert trial(cluster, root) == {
        "claim": (True, f"bound to {FOLDER}"), "pod": (True, "a pod wrote to the claim"),
    }  # fmt: skip
    assert cluster.there == {}
    assert [path.name for path in (root / "nfsroot").iterdir()] == [
        "archived-default-others-pvc-2"
    ]


def test_not_bound(root: Path) -> None:
    """With the last word on the claim, which is taken away."""
    cluster = Cluster(root, binds=False)
    assert trial(cluster, root) == {"claim": (False, "not bound: it is said")}
    assert cluster.there == {}


def test_a_pod_that_fails(root: Path) -> None:
    """With the last word on the pod."""
    found = trial(Cluster(root, phase="Failed"), root)
    assert found["pod"] == (False, "the pod is Failed: it is said")


def test_no_node(root: Path) -> None:
    """A pod is tried only where one could run."""
    cluster = Cluster(root)
    cluster.nodes = []
    assert list(trial(cluster, root)) == ["claim"]
