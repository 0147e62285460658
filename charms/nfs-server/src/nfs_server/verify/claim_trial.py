"""The trial of a claim: it is bound, pods write to it, and everything is removed again."""

import shutil
import time
from contextlib import ExitStack
from typing import Callable, Dict, List, Optional, Sequence, TypeVar

from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.paths import is_within
from labcharm.polling import wait_until
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.client.api import Api
from labkube.inspect.events import latest_message, latest_warning
from labkube.inspect.readiness import is_ready, phase_of
from labkube.inspect.trials import delete_trial
from nfs_server.verify.mount_trial import PREFIX, WRITE_SCRIPT
from nfs_server.verify.params import VerifyParams

_NO_EVENT = "the cluster reported no event about it"
# The pods of all nodes share one wait.
_MAX_NODES = 16
# The label of the trial's objects: the application that tries.
TRIAL_LABEL = "app.lab-charms/verified-by"
# The beginning of the message about a claim that is not bound.
NOT_BOUND = "not bound"
T = TypeVar("T")


class ClaimTrial:
    """The trial of a claim.

    Args:
        machine: The server, which has the claim's directory.
        api: The cluster.
        params: Where the claim is made, and how long the trial waits.
        application: The identity of the application among others on the cluster.
        sleep: Waits for some seconds; tests pass their own.
    """

    def __init__(
        self,
        machine: Machine,
        api: Api,
        params: VerifyParams,
        application: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._machine, self._api, self._params, self._sleep = machine, api, params, sleep
        self._labels = {TRIAL_LABEL: application}

    def run(self, class_name: str, export_root: str, has_pods: bool = True) -> List[Check]:
        """Bind a claim, and write to it from a pod on each ready node.

        What a trial that was killed left behind is removed first.

        Args:
            class_name: The StorageClass.
            export_root: Where the provisioner makes directories. The directory of this claim is
                removed. Empty for an export of another server.
            has_pods: Whether pods write to the claim.
        """
        self.remove_leftovers(export_root)
        claim = self._create_claim(class_name)
        directory, remaining = "", ""
        try:
            volume = self._wait(lambda: self._bound_volume(claim))
            directory = _directory_of(volume or {})
            checks = self._try_claim(claim, directory, has_pods)
        finally:
            remaining = self._delete_claim(claim)
            self._remove_directory(directory, export_root)
        return [*checks, *_deletion_problems(remaining)]

    def _try_claim(self, claim: JsonObject, directory: str, has_pods: bool) -> List[Check]:
        """Return the checks of a claim; it has no directory while it is not bound."""
        if not directory:
            reason = latest_warning(self._api, claim, _NO_EVENT)
            return [Check("claim", False, f"{NOT_BOUND}: {reason}")]
        bound = Check("claim", True, f"bound to {directory}")
        return [bound, *(self._try_pods(claim) if has_pods else [])]

    def remove_leftovers(self, export_root: str) -> None:
        """Remove the pods and claims of a trial that was killed.

        Args:
            export_root: Where the provisioner makes directories (see `run`).
        """
        selector = ",".join(f"{key}={text}" for key, text in self._labels.items())
        self._delete_pods(self._api.list("v1", "Pod", selector))
        for claim in self._api.list("v1", "PersistentVolumeClaim", selector):
            volume = self._bound_volume(claim) or {}
            self._delete_claim(claim)
            self._remove_directory(_directory_of(volume), export_root)

    def _create_claim(self, class_name: str) -> JsonObject:
        spec = {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": class_name,
            "resources": {"requests": {"storage": "1Mi"}},
        }
        return self._create("PersistentVolumeClaim", spec)

    def _create(self, kind: str, spec: JsonObject) -> JsonObject:
        namespace = self._params.namespace
        metadata = {"generateName": PREFIX, "namespace": namespace, "labels": self._labels}
        body = {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
        return dict(self._api.create(body), apiVersion="v1", kind=kind)

    def _bound_volume(self, claim: JsonObject) -> Optional[JsonObject]:
        live = self._api.get(claim)
        if live is None or phase_of(live) != "Bound":
            return None
        return self._api.get(_volume_named(live["spec"]["volumeName"]))

    def _try_pods(self, claim: JsonObject) -> List[Check]:
        """Write to the claim from a pod on every node that takes pods, up to a number of nodes."""
        nodes = sorted(
            str(node["metadata"]["name"])
            for node in self._api.list("v1", "Node")
            if is_ready(node) and not node.get("spec", {}).get("unschedulable")
        )
        if not nodes:
            return []
        pods: Dict[str, JsonObject] = {}
        try:
            for node in nodes[:_MAX_NODES]:
                pods[node] = self._create("Pod", self._pod_spec(node, claim))
            self._wait(lambda: all(self._final_phase(pod) for pod in pods.values()))
            return [self._judge(pods, nodes[_MAX_NODES:])]
        finally:
            self._delete_pods(list(pods.values()))

    def _pod_spec(self, node: str, claim: JsonObject) -> JsonObject:
        container = {
            "name": "write", "image": self._params.image,
            "command": ["sh", "-c", WRITE_SCRIPT, "sh", "/claim"],
            "volumeMounts": [{"name": "claim", "mountPath": "/claim"}],
        }  # fmt: skip
        source = {"claimName": claim["metadata"]["name"]}
        return {
            "restartPolicy": "Never",
            "containers": [container],
            "volumes": [{"name": "claim", "persistentVolumeClaim": source}],
            # A node that is reserved for some pods, such as those with a GPU, has to mount too.
            "nodeName": node,
            "tolerations": [{"operator": "Exists"}],
        }

    def _judge(self, pods: Dict[str, JsonObject], untried: Sequence[str]) -> Check:
        """Return the check of the trial's pods; its message also names the untried nodes."""
        phases = {node: self._final_phase(pod) or "not finished" for node, pod in pods.items()}
        problems = [
            f"on {node} the pod is {phase}: {latest_message(self._api, pods[node], _NO_EVENT)}"
            for node, phase in phases.items()
            if phase != "Succeeded"
        ]
        message = "; ".join(problems) or f"pods on {', '.join(pods)} wrote to the claim"
        if untried:
            message += f"; not tried on {summarize(untried)}"
        return Check("pod", not problems, message)

    def _delete_pods(self, pods: Sequence[JsonObject]) -> None:
        """Delete all pods, even when the deletion of one fails; then wait until they are gone."""
        with ExitStack() as stack:
            for pod in pods:
                stack.callback(delete_trial, self._api, pod, self._sleep)
        self._wait(lambda: not any(self._api.get(pod) for pod in pods))

    def _final_phase(self, pod: JsonObject) -> str:
        phase = phase_of(self._api.get(pod))
        return phase if phase in ("Succeeded", "Failed") else ""

    def _delete_claim(self, claim: JsonObject) -> str:
        """Delete the claim; return the name of its volume if that exists after the wait."""
        volume_name = (self._api.get(claim) or {}).get("spec", {}).get("volumeName")
        delete_trial(self._api, claim, self._sleep)
        if not volume_name:
            return ""
        volume = _volume_named(volume_name)
        return "" if self._wait(lambda: self._is_volume_gone(volume)) else str(volume_name)

    def _is_volume_gone(self, volume: JsonObject) -> bool:
        live = self._api.get(volume)
        if live is None:
            return True
        policy = live["spec"].get("persistentVolumeReclaimPolicy")
        if phase_of(live) == "Released" and policy == "Retain":
            self._api.delete(volume)
        return False

    def _remove_directory(self, directory: str, export_root: str) -> None:
        """Remove the claim's directory if the provisioner kept it.

        Only the directories of trials have the prefix in their name.
        """
        parent, _, name = directory.rpartition("/")
        if export_root and parent and is_within(parent, export_root) and PREFIX in name:
            for kept_name in (name, f"archived-{name}"):
                path = self._machine.path(f"{parent}/{kept_name}")
                shutil.rmtree(path, ignore_errors=True)

    def _wait(self, condition: Callable[[], T]) -> T:
        return wait_until(condition, self._params.timeout, sleep=self._sleep)


def _deletion_problems(volume_name: str) -> List[Check]:
    if not volume_name:
        return []
    message = f"PersistentVolume {volume_name} is not deleted; see the provisioner's log"
    return [Check("claim-removed", False, message)]


def _directory_of(volume: JsonObject) -> str:
    return str(volume.get("spec", {}).get("nfs", {}).get("path", ""))


def _volume_named(name: str) -> JsonObject:
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}}
