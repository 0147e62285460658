"""The trials of a mount and of a claim: what is made is taken away, always.

With a real API, kubelet, provisioner and mount they run in tests/kube/test_nfs_claims.py; what
goes wrong is played here.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from labcharm.machine import Machine, Result
from labcharm.verify import Check
from labkube.client.api import ApiError
from nfs_server.cluster.provisioner import V4, Class
from nfs_server.cluster.storage import Wish
from nfs_server.shares import Share
from nfs_server.verify.claim import Claim, Trial
from nfs_server.verify.mounts import _NOBODY, configured_checks, mount_checks

KIND = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")
FOLDER = "/nfsroot/default-nfs-verify-x-pvc-1"


def node(name: str, ready: str = "True", **spec: Any) -> Any:
    """Return a node."""
    conditions = [{"type": "Ready", "status": ready}]
    return {"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}


class Cluster:
    """An API that binds claims and ends pods as told."""

    def __init__(self, root: Path, binds: bool = True, phase: str = "Succeeded") -> None:
        self.there: dict[str, Any] = {}
        self._root, self._binds, self._phase = root, binds, phase
        self.nodes = [node("a")]
        self.fails_on = ""

    def create(self, body: Any) -> Any:
        """Make an object, and what follows from it."""
        kind = body["kind"]
        where = body["spec"].get("nodeName", "")
        name = "nfs-verify-x" + where
        made = {**body, "metadata": {**body["metadata"], "name": name}}
        phase = "Failed" if where == self.fails_on else self._phase
        made["status"] = {"phase": phase if kind == "Pod" else "Pending"}
        if kind == "PersistentVolumeClaim" and self._binds:
            made["status"], made["spec"] = {"phase": "Bound"}, {"volumeName": "pvc-1"}
            (self._root / FOLDER[1:]).mkdir(parents=True)
            spec = {"nfs": {"path": FOLDER}}
            self.there["PersistentVolume"] = {"metadata": {"name": "pvc-1"}, "spec": spec}
        self.there[kind + where] = made
        return made

    def get(self, found: Any) -> Any:
        """Return what is there."""
        return self.there.get(key(found))

    def list(self, *_: str) -> Any:
        """Return the nodes."""
        return self.nodes

    def delete(self, found: Any) -> None:
        """Take an object away; a claim's folder is archived as the provisioner does it."""
        self.there.pop(key(found), None)
        if found["kind"] == "PersistentVolumeClaim" and self.there.pop("PersistentVolume", None):
            folder = self._root / FOLDER[1:]
            folder.rename(folder.with_name("archived-" + folder.name))

    def request(self, *_: str, **__: Any) -> Any:
        """Return events."""
        return {"items": [{"message": "it is said"}]}


def key(found: Any) -> str:
    """Return what an object is found by: its kind, and a pod's node."""
    return str(found["kind"]) + str(found.get("spec", {}).get("nodeName", ""))


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
        "claim": (True, f"bound to {FOLDER}"), "pod": (True, "pods on a wrote to the claim"),
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
    assert found["pod"] == (False, "on a the pod is Failed: it is said")


def test_no_node(root: Path) -> None:
    """A pod is tried only where one could run."""
    cluster = Cluster(root)
    cluster.nodes = [node("a", ready="Unknown"), node("b", unschedulable=True)]
    assert list(trial(cluster, root)) == ["claim"]


def test_every_node_is_tried(root: Path) -> None:
    """One without nfs-common is named among others that have it; all pods are taken away."""
    cluster = Cluster(root)
    cluster.nodes = [node("c"), node("a"), node("b")]
    assert trial(cluster, root)["pod"] == (True, "pods on a, b, c wrote to the claim")
    cluster.fails_on = "b"
    assert trial(cluster, root)["pod"] == (False, "on b the pod is Failed: it is said")
    assert cluster.there == {}


def test_a_large_cluster(root: Path) -> None:
    """Sixteen nodes are tried, and those that are not are told."""
    cluster = Cluster(root)
    cluster.nodes = [node(f"n{number:02}") for number in range(20)]
    ok, told = trial(cluster, root)["pod"]
    assert ok
    assert told.endswith("n14, n15 wrote to the claim; not tried on n16, n17, n18 and 1 more")


def test_a_pod_that_cannot_be_taken_away(root: Path) -> None:
    """Keeps no other pod, and no claim, on the cluster."""
    cluster = Cluster(root)
    cluster.nodes = [node("a"), node("b")]
    delete = cluster.delete

    def refuses(found: Any) -> None:
        if key(found) == "Poda":
            raise ApiError(403, "Forbidden", "no")
        delete(found)

    cluster.delete = refuses  # type: ignore[method-assign]
    with pytest.raises(ApiError):
        trial(cluster, root)
    assert list(cluster.there) == ["Poda"]


# A mount.


class Tools(Machine):
    """A machine whose share is "mounted" where it is asked for, by a link; the rest is real."""

    def __init__(self, root: Path, writes: bool = True) -> None:
        super().__init__(str(root))
        self.tried: list[str] = []
        self.refused = ""
        self._writes = writes

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Run what is about files; note the rest."""
        name = command[0]
        if name == "setpriv":
            if not self._writes:
                return Result(1, "", "sh: file: Read-only file system")
            command = command[len(_NOBODY) :]
        elif name == "mount":
            self.tried.append(command[-2])
            if self.refused:
                return Result(32, "", self.refused)
            Path(command[-1]).rmdir()
            Path(command[-1]).symlink_to(self.path("/nfsroot"))
            return Result(0, "", "")
        elif name == "umount":
            Path(command[-1]).unlink() if Path(command[-1]).is_symlink() else None
            return Result(0, "", "")
        elif name == "exportfs":
            self.tried.append(" ".join(command))
            return Result(0, "", "")
        return super().run(command, timeout)


@pytest.fixture
def tools(root: Path) -> Tools:
    """Return such a machine."""
    return Tools(root)


ROOT = Share("export-root", "/nfsroot", ("10.0.0.0/24",), ("rw", "root_squash"), ())


def found(checks: list[Check]) -> dict[str, tuple[bool, str]]:
    """Return checks by name."""
    return {one.name: (one.ok, one.message) for one in checks}


def test_a_mount_by_the_trials_rules(tools: Tools, root: Path) -> None:
    """Says by which; nothing of it is left."""
    rules = "rw,sync,no_subtree_check,no_root_squash,insecure"
    told = f"127.0.0.1:/nfsroot is mounted from here, by rules of this trial ({rules})"
    assert found(mount_checks(tools, ROOT, [])) == {
        "mount": (True, told),
        "write-root": (True, "written, read and removed as root"),
        "write-nobody": (True, "written, read and removed as nobody"),
    }  # fmt: skip
    assert tools.tried[-1] == "exportfs -ra"
    assert len(list((root / "nfsroot").iterdir())) == 1


@pytest.mark.parametrize("trial_of", [mount_checks, configured_checks])
def test_a_full_share(tools: Tools, monkeypatch: pytest.MonkeyPatch, trial_of: Any) -> None:
    """Is a failed check in words, after those that were made."""
    real = tempfile.mkdtemp

    def full(**options: Any) -> str:
        if options.get("dir"):
            raise OSError(28, "No space left on device", "/nfsroot/x")
        return real(**options)

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    args = ["10.0.0.1", []] if trial_of is configured_checks else [[]]
    checks = found(trial_of(tools, ROOT, *args))
    assert (False, "/nfsroot/x: No space left on device") in checks.values()
    assert [name for name, (ok, _) in checks.items() if ok] in ([], ["mount"])


def test_the_configured_rules(tools: Tools, root: Path) -> None:
    """As this machine is admitted by them, by its own address and not by loopback."""
    assert found(configured_checks(tools, ROOT, "10.0.0.1", [])) == {
        "configured": (True, "10.0.0.1:/nfsroot is mounted by the configured rules, and written as"
                             " nobody"),
    }  # fmt: skip
    assert tools.tried == ["10.0.0.1:/nfsroot"]
    assert len(list((root / "nfsroot").iterdir())) == 1

    tools.refused = "mount.nfs: access denied by server"
    assert found(configured_checks(tools, ROOT, "10.0.0.1", [])) == {
        "configured": (False, "10.0.0.1:/nfsroot: mount.nfs: access denied by server"),
    }


@pytest.mark.parametrize(
    ("options", "writes", "ok", "told"),
    [
        (("ro",), False, True, "not written (ro) as nobody"),
        (("ro",), True, False, "nobody wrote, though the share is ro"),
        (("rw",), False, False, "Read-only file system"),
    ],
)
def test_the_configured_rules_say_who_writes(
    root: Path, options: tuple[str, ...], writes: bool, ok: bool, told: str
) -> None:
    """Writing is tried where it is allowed and where it is not."""
    share = ROOT._replace(options=options)
    checks = found(configured_checks(Tools(root, writes), share, "10.0.0.1", []))
    assert checks["configured"][0] is ok
    assert checks["configured"][1].endswith(told)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (ROOT._replace(clients=("10.0.1.0/24",)), "not tried: this machine (10.0.0.1) is"),
        (ROOT._replace(options=("rw", "sec=krb5p")), "not tried: sec= asks for Kerberos"),
    ],
)  # fmt: skip
def test_configured_rules_that_cannot_be_tried(tools: Tools, share: Share, told: str) -> None:
    """Are said not to be."""
    ((ok, said),) = found(configured_checks(tools, share, "10.0.0.1", [])).values()
    assert ok
    assert said.startswith(told)
    assert tools.tried == []
