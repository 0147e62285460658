"""The trial of a claim: bound, written to from pods, and taken away again."""

import shutil
import time
from contextlib import ExitStack
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from labcharm.machine import Machine
from labcharm.text import some
from labcharm.verify import Check
from labkube.client.api import Api
from labkube.inspect.trials import last_words, take_away
from nfs_server.cluster.storage import Wish
from nfs_server.verify.mounts import PREFIX, ROUND

_SILENT = "nobody said anything of it"
# A claim's trial is one wait for all of these.
_MOST_NODES = 16
Trial = NamedTuple("Trial", [("image", str), ("namespace", str), ("timeout", float)])


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
        """Bind a claim, and write to it from a pod on each node that is ready."""
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
            return [Check("claim", True, told), *self._from_pods(claim)]
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
        metadata = {"generateName": PREFIX, "namespace": self._trial.namespace}
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

    def _from_pods(self, claim: Any) -> List[Check]:
        """Write to the claim from a pod on every node that takes some, up to a number of them."""
        nodes = sorted(
            str(node["metadata"]["name"])
            for node in self._api.list("v1", "Node")
            if _is_ready(node) and not node.get("spec", {}).get("unschedulable")
        )
        if not nodes:
            return []
        pods: Dict[str, Any] = {}
        try:
            for node in nodes[:_MOST_NODES]:
                pods[node] = self._create("Pod", self._pod_on(node, claim))
            self._until(lambda: all(self._ended(pod) for pod in pods.values()))
            return [self._judged(pods, nodes[_MOST_NODES:])]
        finally:
            self._take_pods_away(list(pods.values()))

    def _pod_on(self, node: str, claim: Any) -> Any:
        container = {
            "name": "write", "image": self._trial.image,
            "command": ["sh", "-c", ROUND, "sh", "/claim"],
            "volumeMounts": [{"name": "claim", "mountPath": "/claim"}],
        }  # fmt: skip
        source = {"claimName": claim["metadata"]["name"]}
        return {
            "restartPolicy": "Never",
            "containers": [container],
            "volumes": [{"name": "claim", "persistentVolumeClaim": source}],
            # A node that is kept for some pods, for those with a GPU say, has to mount as well.
            "nodeName": node,
            "tolerations": [{"operator": "Exists"}],
        }

    def _judged(self, pods: Dict[str, Any], untried: List[str]) -> Check:
        phases = {node: self._ended(pod) or "not at its end" for node, pod in pods.items()}
        wrong = [
            "on %s the pod is %s: %s" % (node, phase, last_words(self._api, pods[node], _SILENT))
            for node, phase in phases.items()
            if phase != "Succeeded"
        ]
        told = "; ".join(wrong) or "pods on %s wrote to the claim" % ", ".join(pods)
        if untried:
            told += "; not tried on %s" % some(untried)
        return Check("pod", not wrong, told)

    def _take_pods_away(self, pods: List[Any]) -> None:
        """Delete them all, whatever becomes of one; then wait."""
        with ExitStack() as stack:
            for pod in pods:
                stack.callback(take_away, self._api, pod, self._sleep)
        self._until(lambda: not any(self._api.get(pod) for pod in pods))

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
        if (above + "/").startswith(root + "/") and PREFIX in name:  # which no one else has
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
