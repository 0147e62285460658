"""What the action `verify` tries: the server, a mount, the objects, a claim and a pod."""

import shutil
import tempfile
import time
from typing import Any, Callable, List, NamedTuple, Optional, Sequence

from labcharm.machine import Machine
from labcharm.verify import Check
from labcharm.words import some
from labkube import actions
from labkube.api import Api
from labkube.trials import last_words, take_away
from nfs_cluster import Storage, Wish
from nfs_serving import Serving
from nfs_shares import Share

_PREFIX = "nfs-verify-"
_SILENT = "nobody said anything of it"
_LOOPBACK = "127.0.0.1"
_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
# Writes, reads back and removes one file; the folder's name comes as its first argument.
_ROUND = 'set -e; f="$1/file-$$"; echo lab > "$f"; test "$(cat "$f")" = lab; rm "$f"'
Trial = NamedTuple("Trial", [("image", str), ("namespace", str), ("timeout", float)])


def server_checks(serving: Serving, shares: Sequence[Share]) -> List[Check]:
    """Look at the service and at the kernel's table of exports."""
    active = serving.server.is_active()
    checks = [Check("service", active, "nfs-server " + ("runs" if active else "does not run"))]
    return [*checks, actions.as_check("exports", serving.exports.compare(shares), "meant")]


def mount_checks(machine: Machine, root: Share, options: Sequence[str]) -> List[Check]:
    """Mount the export root from this machine, and write as root and as nobody.

    For this it is exported to loopback; reading the files again takes that back.
    """
    place = "%s:%s" % (_LOOPBACK, root.path)
    rules = "rw,sync,no_subtree_check,no_root_squash,insecure"
    opened = machine.run(["exportfs", "-o", rules, place])
    if opened.code:
        return [Check("mount", False, "exportfs: %s" % _last(opened.err))]
    point = tempfile.mkdtemp(prefix=_PREFIX)
    try:
        return _mounted(machine, place, point, ",".join(options))
    finally:
        # Never more than this: were it still mounted, the share's data would go.
        machine.remove_folder(point)
        machine.run(["exportfs", "-ra"])


def _mounted(machine: Machine, place: str, point: str, options: str) -> List[Check]:
    command = ["mount", "-t", "nfs", *(["-o", options] if options else []), place, point]
    tried = machine.run(command, timeout=60)
    if tried.code:
        return [Check("mount", False, "%s: %s" % (place, _last(tried.err)))]
    try:
        folder = tempfile.mkdtemp(prefix="." + _PREFIX, dir=point)
        try:
            machine.check(["chmod", "0777", folder])
            checks = [
                _written(machine, "root", [], folder),
                _written(machine, "nobody", _NOBODY, folder),
            ]
        finally:
            machine.run(["rmdir", folder])
    finally:
        machine.run(["umount", "-l", point])
    return [Check("mount", True, "%s is mounted from here" % place), *checks]


def _written(machine: Machine, who: str, prefix: List[str], folder: str) -> Check:
    tried = machine.run([*prefix, "sh", "-c", _ROUND, "sh", folder], timeout=60)
    told = "written, read and removed as %s" % who
    if tried.code:
        told = "as %s: %s" % (who, _last(tried.err))
    return Check("write-" + who, tried.code == 0, told)


def cluster_checks(storage: Storage, wish: Wish) -> List[Check]:
    """Compare the objects, look at the provisioner, and at other default classes."""
    waiting = storage.not_ready(wish)
    problem, _ = storage.class_problem(wish.kind)
    return [
        actions.as_check("objects", storage.compare(wish)),
        Check("provisioner", not waiting, some(waiting) if waiting else "ready"),
        Check("default-class", not problem, problem or "no other default StorageClass"),
    ]


class Claim:
    """A claim of the class, made for the trial and taken away again.

    Args:
        machine: The server, where the claim's folder is.
        api: The cluster.
        trial: Where and how long.
        sleep: Waits; handed in for tests.
    """

    def __init__(
        self, machine: Machine, api: Api, trial: Trial, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._machine, self._api, self._trial, self._sleep = machine, api, trial, sleep

    def checks(self, wish: Wish, root: str) -> List[Check]:
        """Bind a claim, and write to it from a pod where a node is ready."""
        claim = self._make(wish.kind.name)
        folder = ""
        try:
            volume = self._until(lambda: self._bound(claim))
            if not volume:
                return [
                    Check("claim", False, "not bound: %s" % last_words(self._api, claim, _SILENT))
                ]
            folder = volume["spec"].get("nfs", {}).get("path", "")
            told = "bound to %s" % folder
            return [Check("claim", True, told), *self._from_pod(claim)]
        finally:
            self._take_away(claim, folder, root)

    def _make(self, name: str) -> Any:
        spec = {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": name,
            "resources": {"requests": {"storage": "1Mi"}},
        }
        return self._create("PersistentVolumeClaim", spec)

    def _create(self, kind: str, spec: Any) -> Any:
        metadata = {"generateName": _PREFIX, "namespace": self._trial.namespace}
        body = {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
        return dict(self._api.create(body), apiVersion="v1", kind=kind)

    def _bound(self, claim: Any) -> Optional[Any]:
        live = self._api.get(claim) or {}
        if (live.get("status") or {}).get("phase") != "Bound":
            return None
        metadata = {"name": live["spec"]["volumeName"]}
        return self._api.get(
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata}
        )

    def _from_pod(self, claim: Any) -> List[Check]:
        ready = [node for node in self._api.list("v1", "Node") if _is_ready(node)]
        if not ready:
            return []
        container = {
            "name": "write", "image": self._trial.image,
            "command": ["sh", "-c", _ROUND, "sh", "/claim"],
            "volumeMounts": [{"name": "claim", "mountPath": "/claim"}],
        }  # fmt: skip
        source = {"claimName": claim["metadata"]["name"]}
        volumes = [{"name": "claim", "persistentVolumeClaim": source}]
        spec = {"restartPolicy": "Never", "containers": [container], "volumes": volumes}
        pod = self._create("Pod", spec)
        try:
            phase = self._until(lambda: self._ended(pod)) or "not at its end"
            told = "a pod wrote to the claim" if phase == "Succeeded" else "the pod is %s: %s"
            if phase != "Succeeded":
                told = told % (phase, last_words(self._api, pod, _SILENT))
            return [Check("pod", phase == "Succeeded", told)]
        finally:
            take_away(self._api, pod, self._sleep)
            self._until(lambda: self._api.get(pod) is None)

    def _ended(self, pod: Any) -> str:
        phase = str(((self._api.get(pod) or {}).get("status") or {}).get("phase", ""))
        return phase if phase in ("Succeeded", "Failed") else ""

    def _until(self, seen: Callable[[], Any]) -> Any:
        end = time.monotonic() + self._trial.timeout
        found = seen()
        while not found and time.monotonic() < end:
            self._sleep(0.5)
            found = seen()
        return found

    def _take_away(self, claim: Any, folder: str, root: str) -> None:
        """Delete the claim, and the folder that the provisioner keeps of it."""
        volume = (self._api.get(claim) or {}).get("spec", {}).get("volumeName")
        take_away(self._api, claim, self._sleep)
        if volume:
            metadata = {"name": volume}
            kept = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata}
            self._until(lambda: self._gone(kept))
        above, _, name = folder.rpartition("/")
        if (above + "/").startswith(root + "/") and _PREFIX in name:  # which no one else has
            for one in (name, "archived-" + name):
                shutil.rmtree(self._machine.path("%s/%s" % (above, one)), ignore_errors=True)

    def _gone(self, volume: Any) -> bool:
        live = self._api.get(volume) or {}
        released = bool(live) and (live.get("status") or {}).get("phase") == "Released"
        if released and live["spec"].get("persistentVolumeReclaimPolicy") == "Retain":
            self._api.delete(volume)
        return not live


def _is_ready(node: Any) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["no word"])[-1]
