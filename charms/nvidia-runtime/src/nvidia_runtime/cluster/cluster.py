"""What this charm does on the cluster: the leader the plugin, each unit its node's labels."""

import json
import socket
from typing import Dict, Mapping, Optional

from labcharm.machine import Machine
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION
from labkube.client.access import Access
from labkube.client.api import Api
from nvidia_runtime.cluster import device_plugin
from nvidia_runtime.options import Options
from reconciler.settings import HOME, parse

CHARM = "nvidia-runtime"
LABELS = HOME + "/node-labels.json"


class ClusterSide:
    """The cluster of a unit's machine.

    Args:
        access: The cluster.
        machine: The machine, which is a node of it.
        application: What tells the application from others on the cluster.
        node: Name of the node; the host's where it is left out, as the kubelet registers it.
    """

    def __init__(self, access: Access, machine: Machine, application: str, node: str = "") -> None:
        self.api = Api(access)
        self._machine = machine
        self._objects = Objects(self.api, application, CHARM, device_plugin.KINDS)
        self._node = node or socket.gethostname().lower()

    def close(self) -> None:
        """Let go of the connection's files."""
        self.api.close()

    def apply_plugin(self, options: Options) -> str:
        """Make the cluster have the device plugin as wished; say why it has not.

        Raises:
            ApiError: When the API refuses or does not answer.
            ForeignObjectError: When an object of its name is somebody else's.
        """
        if options.device_plugin == "none":
            self._objects.apply([])
            return ""
        found = device_plugin.others(self.api.list("apps/v1", "DaemonSet"), APPLICATION)
        if found:
            self._objects.apply([])
            return "the device plugin is left to %s" % found[0]
        server = self.api.version()
        version = device_plugin.choose(server, options.device_plugin)
        settings = device_plugin.Settings(version, options.registry, options.default_runtime)
        self._objects.apply(device_plugin.objects(server, settings))
        return ""

    def label_node(self, options: Options) -> str:
        """Give the node its labels and take away those of ours that are no longer wished.

        Returns:
            What is in the way; empty when the labels are there.

        Raises:
            ApiError: When the API refuses or does not answer.
        """
        wanted = dict(options.node_labels, gpu="true", cuda="true")
        return self._set_labels(wanted)

    def remove(self, plugin: bool) -> None:
        """Take the labels away, and the plugin too where the whole application goes."""
        self._set_labels({})
        if plugin:
            self._objects.remove(10)

    def _set_labels(self, wanted: Mapping[str, str]) -> str:
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": self._node}}
        live = self.api.get(node)
        if live is None:
            return "node %s is not registered yet" % self._node if wanted else ""
        labels = live["metadata"].get("labels") or {}
        ours = self._ours()
        patch: Dict[str, Optional[str]] = {
            key: value for key, value in wanted.items() if labels.get(key) != value
        }
        for key, value in ours.items():
            if key not in wanted and labels.get(key) == value:
                patch[key] = None
        # Noted first: what we set must be known even if we die in between. A label that was there
        # with our value already is not ours to take away.
        noted = {key: value for key, value in wanted.items() if key in patch or key in ours}
        self._note(noted)
        if patch:
            self.api.patch(node, {"metadata": {"labels": patch}})
        return ""

    def _ours(self) -> Dict[str, str]:
        found = parse(self._machine.read(LABELS))
        return dict(found) if isinstance(found, dict) else {}

    def _note(self, labels: Mapping[str, str]) -> None:
        if labels:
            self._machine.write(LABELS, json.dumps(labels, sort_keys=True) + "\n")
        else:
            self._machine.remove(LABELS)
