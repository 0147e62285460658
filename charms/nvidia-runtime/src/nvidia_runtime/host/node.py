"""The Kubernetes node on this machine, and the reboot that an action asked for."""

import json
import socket
from contextlib import closing
from typing import Any, Dict, List, Optional

from labcharm.machine import CommandError, Machine
from labkube.client.api import Api
from labkube.client.kubeconfig import read as read_kubeconfig
from reconciler.settings import HOME, find_program, parse

REQUEST = HOME + "/reboot.json"
_BOOT = "/proc/sys/kernel/random/boot_id"
# What the charm writes of its own access; root alone reads it.
KUBECONFIG = HOME + "/kubeconfig"
_KUBECONFIGS = (KUBECONFIG, "/root/.kube/config", "/root/cdk/kubeconfig")


def request_reboot(machine: Machine, drain: bool) -> None:
    """Note that the next hook shall reboot the machine."""
    boot = (machine.read(_BOOT) or "").strip()
    text = json.dumps({"boot": boot, "drain": drain, "drained": False}, sort_keys=True)
    machine.write(REQUEST, text + "\n")


class Reboot:
    """A reboot that was asked for; it is done with once the machine has another boot id."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        found = parse(machine.read(REQUEST))
        self._request: Dict[str, Any] = found if isinstance(found, dict) else {}

    def is_due(self) -> bool:
        """Tell whether it was asked for and has not happened."""
        return bool(self._request) and self._request.get("boot") == self._boot()

    def has_happened(self) -> bool:
        """Tell whether it was asked for and the machine has been booted since."""
        return bool(self._request) and self._request.get("boot") != self._boot()

    def prepare(self) -> None:
        """Drain the node where that was asked for and a kubeconfig is at hand.

        Raises:
            CommandError: When the node cannot be drained; the reboot waits then.
        """
        if self._request.get("drain") and not self._request.get("drained"):
            node = Node(self._machine)
            if node.kubeconfig:
                node.drain()
                request = dict(self._request, drained=True)
                self._machine.write(REQUEST, json.dumps(request, sort_keys=True) + "\n")

    def finish(self) -> None:
        """Undo the drain after the reboot and forget the request.

        Raises:
            CommandError: When the node cannot be uncordoned; it is tried again.
        """
        if self._request.get("drained"):
            Node(self._machine).uncordon()
        self._machine.remove(REQUEST)

    def _boot(self) -> str:
        return (self._machine.read(_BOOT) or "").strip()


class Node:
    """This machine as a Kubernetes node; its name is the host's, as the kubelet registers it."""

    def __init__(self, machine: Machine, name: str = "") -> None:
        self._machine = machine
        self.name = name or socket.gethostname().lower()
        found = [path for path in _KUBECONFIGS if machine.exists(path)]
        self.kubeconfig: Optional[str] = found[0] if found else None

    def allocatable(self, resource: str = "nvidia.com/gpu") -> str:
        """Return how much of a resource the node offers; empty when none.

        Raises:
            CommandError: When kubectl, with somebody else's kubeconfig, gets no answer.
            ApiError: When the charm's own request gets none.
        """
        node = self._ours() if self.kubeconfig == KUBECONFIG else self._theirs()
        return str(node.get("status", {}).get("allocatable", {}).get(resource, ""))

    def _ours(self) -> Dict[str, Any]:
        access = read_kubeconfig(self._machine.read(KUBECONFIG) or "", json.loads)
        wanted = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.name}}
        with closing(Api(access)) as api:
            return api.get(wanted) or {}

    def _theirs(self) -> Dict[str, Any]:
        return parse(self._kubectl(["get", "node", self.name, "--output", "json"])) or {}

    def drain(self) -> None:
        """Take the pods off the node.

        Raises:
            CommandError: When they do not go.
        """
        known = self._kubectl(["drain", "--help"])
        local = "--delete-emptydir-data" if "--delete-emptydir-data" in known else None
        self._kubectl(
            ["drain", self.name, "--ignore-daemonsets", local or "--delete-local-data", "--force"]
        )

    def uncordon(self) -> None:
        """Let pods come again.

        Raises:
            CommandError: When the API does not answer.
        """
        self._kubectl(["uncordon", self.name])

    def _kubectl(self, words: List[str]) -> str:
        program = find_program(self._machine, "kubectl") or "/snap/bin/kubectl"
        return self._machine.check(
            [program, "--kubeconfig", self._machine.path(self.kubeconfig or ""), *words], 600
        )


__all__ = ["CommandError", "Node", "Reboot", "request_reboot"]
