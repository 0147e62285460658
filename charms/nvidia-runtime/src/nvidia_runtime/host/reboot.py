"""The reboot that the action reboot-node requests and the next hook carries out."""

import json

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from nvidia_runtime.cluster.node import Node
from reconciler.settings import STATE_DIRECTORY, parse_object

REQUEST = STATE_DIRECTORY + "/reboot.json"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def request_reboot(machine: Machine, drain: bool) -> None:
    """Write down that the next hook is to reboot the machine.

    Args:
        machine: The machine.
        drain: Whether to drain the Kubernetes node before the reboot and uncordon it afterwards.

    Raises:
        BlockedError: When the node is to be drained without a kubeconfig.
    """
    if drain:
        _check_can_drain(Node(machine))
    _write(machine, {"boot": boot_id(machine), "drain": drain, "drained": False})


class Reboot:
    """A requested reboot. It has happened once the machine has another boot id.

    Args:
        machine: The machine.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._request: JsonObject = parse_object(machine.read(REQUEST)) or {}

    def is_due(self) -> bool:
        """Return whether a reboot was requested and has not happened."""
        return bool(self._request) and self._request.get("boot") == boot_id(self._machine)

    def has_happened(self) -> bool:
        """Return whether a reboot was requested and the machine has booted since."""
        return bool(self._request) and self._request.get("boot") != boot_id(self._machine)

    def prepare(self) -> None:
        """Drain the node if that was requested.

        Raises:
            BlockedError: When the kubeconfig is gone; the reboot then waits.
            CommandError: When the node cannot be drained; the reboot then waits.
        """
        if not self._request.get("drain") or self._request.get("drained"):
            return
        node = Node(self._machine)
        _check_can_drain(node)
        # Before the effect, so that the node is uncordoned even if the hook is killed in it.
        _write(self._machine, dict(self._request, cordoned=True))
        node.drain()
        _write(self._machine, dict(self._request, cordoned=True, drained=True))

    def finish(self) -> None:
        """Uncordon the node after the reboot, and remove the request.

        Raises:
            CommandError: When the node cannot be uncordoned; the next hook tries again.
        """
        if self._request.get("cordoned") or self._request.get("drained"):
            Node(self._machine).uncordon()
        self._machine.remove(REQUEST)


def _check_can_drain(node: Node) -> None:
    if not node.kubeconfig:
        raise BlockedError(
            "the node cannot be drained, because this machine has no kubeconfig; relate"
            " kube-control, set the option kubeconfig, or run reboot-node drain=false"
        )


def boot_id(machine: Machine) -> str:
    """Return the id of the current boot of the machine."""
    return (machine.read(_BOOT_ID) or "").strip()


def _write(machine: Machine, request: JsonObject) -> None:
    machine.write(REQUEST, json.dumps(request, sort_keys=True) + "\n")
