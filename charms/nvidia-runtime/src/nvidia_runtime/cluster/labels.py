"""The labels that a unit sets on the node of its machine."""

import json
from typing import Dict, Mapping, Optional

from labcharm.json_types import JsonMapping
from labcharm.machine import Machine
from labkube.client.api import Api
from nvidia_runtime.cluster.node import local_node_name, node_reference
from nvidia_runtime.options import Options
from reconciler.settings import STATE_DIRECTORY, parse_object

LABELS = STATE_DIRECTORY + "/node-labels.json"
# The labels of every node with a GPU; the device plugin selects nodes by the first.
_GPU_LABELS = {"gpu": "true", "cuda": "true"}


class NodeLabels:
    """The node's labels, and the record of those that this unit set.

    Args:
        api: The cluster.
        machine: The machine, which is a node of the cluster and keeps the record.
        node: The name of the node; empty for the name that the kubelet registers.
    """

    def __init__(self, api: Api, machine: Machine, node: str = "") -> None:
        self._api, self._machine = api, machine
        self._node = node or local_node_name()

    def reconcile(self, options: Options) -> bool:
        """Set the labels, and remove those that this unit set and the options no longer name.

        Returns:
            Whether the node is registered; there is nothing to label before.

        Raises:
            ApiError: When the API refuses or does not answer.
        """
        return self._set(dict(options.node_labels, **_GPU_LABELS))

    def remove(self) -> None:
        """Remove the labels that this unit set.

        Raises:
            ApiError: When the API refuses or does not answer.
        """
        self._set({})

    def _set(self, labels: Mapping[str, str]) -> bool:
        reference = node_reference(self._node)
        live = self._api.get(reference)
        if live is None:
            return False
        recorded = self._recorded()
        patch = _patch(live["metadata"].get("labels") or {}, labels, recorded)
        # Recorded before they are set: the unit must know its labels even if it dies in between.
        # A label that existed before with the same value is not recorded, so it is not removed.
        self._record(
            {key: label for key, label in labels.items() if key in patch or key in recorded}
        )
        if patch:
            self._api.patch(reference, {"metadata": {"labels": patch}})
        return True

    def _recorded(self) -> Dict[str, str]:
        return parse_object(self._machine.read(LABELS)) or {}

    def _record(self, labels: Mapping[str, str]) -> None:
        if labels:
            self._machine.write(LABELS, json.dumps(labels, sort_keys=True) + "\n")
        else:
            self._machine.remove(LABELS)


def _patch(
    live: JsonMapping, labels: Mapping[str, str], recorded: Mapping[str, str]
) -> Dict[str, Optional[str]]:
    """Return the changes to the node's labels; None removes a label."""
    patch: Dict[str, Optional[str]] = {
        key: label for key, label in labels.items() if live.get(key) != label
    }
    for key, label in recorded.items():
        if key not in labels and live.get(key) == label:
            patch[key] = None
    return patch
