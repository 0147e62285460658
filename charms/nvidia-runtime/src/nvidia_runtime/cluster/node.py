"""The Kubernetes node on this machine."""

import json
import socket
from contextlib import closing
from typing import List, Optional

from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labkube.client.api import Api
from labkube.client.kubeconfig import read as read_kubeconfig
from reconciler.settings import STATE_DIRECTORY, find_program, parse_object

# The charm's own credentials; root alone may read the file.
KUBECONFIG = STATE_DIRECTORY + "/kubeconfig"
# The charm's own, an administrator's, and the kubelet's, which may read its node: those of Charmed
# Kubernetes, and of the snap `k8s` (k8s-snap, pkg/k8sd/setup/util_kubeconfig.go and kubelet.go),
# whose control planes have admin.conf too.
_KUBECONFIGS = (
    KUBECONFIG, "/root/.kube/config", "/etc/kubernetes/admin.conf", "/root/cdk/kubeconfig",
    "/etc/kubernetes/kubelet.conf",
)  # fmt: skip
_KUBECTL_OF_K8S = "/snap/k8s/current/bin/kubectl"


def local_node_name() -> str:
    """Return the name under which the kubelet registers this machine: the host's."""
    return socket.gethostname().lower()


def node_reference(name: str) -> JsonObject:
    """Return a node as far as its name, to request it from the API."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}


class Node:
    """This machine as a Kubernetes node.

    Args:
        machine: The machine.
        name: The name of the node; empty for the name that the kubelet registers.

    Attributes:
        kubeconfig: The path of the first kubeconfig on the machine; None without one.
    """

    def __init__(self, machine: Machine, name: str = "") -> None:
        self._machine = machine
        self.name = name or local_node_name()
        self.kubeconfig: Optional[str] = next(filter(machine.exists, _KUBECONFIGS), None)

    def allocatable(self, resource: str = "nvidia.com/gpu") -> str:
        """Return how much of a resource the node offers; empty when it does not offer any.

        Raises:
            CommandError: When kubectl, with a kubeconfig that is not the charm's, fails.
            ApiError: When the charm's own request fails.
        """
        node = self._get() if self.kubeconfig == KUBECONFIG else self._get_with_kubectl()
        return str(node.get("status", {}).get("allocatable", {}).get(resource, ""))

    def _get(self) -> JsonObject:
        access = read_kubeconfig(self._machine.read(KUBECONFIG) or "", json.loads)
        with closing(Api(access, proxies=self._machine.proxies)) as api:
            return api.get(node_reference(self.name)) or {}

    def _get_with_kubectl(self) -> JsonObject:
        return parse_object(self._kubectl(["get", "node", self.name, "--output", "json"])) or {}

    def drain(self) -> None:
        """Evict the pods of the node.

        Raises:
            CommandError: When a pod cannot be evicted.
        """
        # kubectl 1.20 renamed the option, and later releases removed the old name.
        is_renamed = "--delete-emptydir-data" in self._kubectl(["drain", "--help"])
        option = "--delete-emptydir-data" if is_renamed else "--delete-local-data"
        self._kubectl(["drain", self.name, "--ignore-daemonsets", option, "--force"])

    def uncordon(self) -> None:
        """Let the scheduler place pods on the node again.

        Raises:
            CommandError: When the API does not answer.
        """
        self._kubectl(["uncordon", self.name])

    def _kubectl(self, args: List[str]) -> str:
        program = find_program(self._machine, "kubectl") or self._kubectl_of_snap()
        kubeconfig = self._machine.path(self.kubeconfig or "")
        return self._machine.check([program, "--kubeconfig", kubeconfig, *args], 600)

    def _kubectl_of_snap(self) -> str:
        is_k8s = self._machine.exists(_KUBECTL_OF_K8S)
        return _KUBECTL_OF_K8S if is_k8s else "/snap/bin/kubectl"
