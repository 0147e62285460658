"""The labels of the local node, on a server in memory."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from helpers.fake_machine import FakeMachine
from nvidia_runtime.cluster.labels import LABELS, NodeLabels
from nvidia_runtime.cluster.node import node_reference
from nvidia_runtime.options import read_options

NODE = "node-1"
GPU_LABELS = {"cuda": "true", "gpu": "true"}


@pytest.fixture
def api() -> Any:
    """Return a server without nodes."""
    return MemoryApi((1, 28), (("v1", "Node"),))


def register(api: Any, labels: dict[str, str], name: str = NODE) -> None:
    """Register a node, as its kubelet does."""
    reference = node_reference(name)
    api.create({**reference, "metadata": {"name": name, "labels": labels}})
    api.writes.clear()


def reconcile(api: Any, machine: FakeMachine, node_labels: str = "") -> bool:
    """Reconcile the labels with this option."""
    options = read_options({"node-labels": node_labels})
    return NodeLabels(api, machine, NODE).reconcile(options)


def labels(api: Any) -> dict[str, str]:
    """Return the node's labels."""
    return dict(api.get(node_reference(NODE))["metadata"]["labels"])


def record(machine: FakeMachine) -> Any:
    """Return the labels that the unit has recorded as its own; None without a record."""
    text = machine.read(LABELS)
    return None if text is None else json.loads(text)


def test_labels_are_set_recorded_and_removed(api: Any, machine: FakeMachine) -> None:
    """A second run writes nothing."""
    register(api, {"zone": "a"})
    assert reconcile(api, machine, "rack=7")

    assert labels(api) == {"zone": "a", "rack": "7", **GPU_LABELS}
    assert record(machine) == {"rack": "7", **GPU_LABELS}
    assert reconcile(api, machine, "rack=7")
    assert api.writes == ["PUT Node node-1"]

    NodeLabels(api, machine, NODE).remove()
    assert labels(api) == {"zone": "a"}
    assert record(machine) is None


def test_label_that_the_option_no_longer_names_is_removed(api: Any, machine: FakeMachine) -> None:
    register(api, {})
    reconcile(api, machine, "rack=7 row=b")
    reconcile(api, machine, "row=c")

    assert labels(api) == {"row": "c", **GPU_LABELS}
    assert record(machine) == {"row": "c", **GPU_LABELS}


def test_labels_of_others_stay(api: Any, machine: FakeMachine) -> None:
    """A label with the same value existed before; another one was changed afterwards."""
    register(api, {"gpu": "true"})
    reconcile(api, machine, "rack=7")
    assert record(machine) == {"rack": "7", "cuda": "true"}

    api.patch(node_reference(NODE), {"metadata": {"labels": {"rack": "8"}}})
    NodeLabels(api, machine, NODE).remove()
    assert labels(api) == {"gpu": "true", "rack": "8"}


def test_node_that_is_not_registered_is_not_labelled(api: Any, machine: FakeMachine) -> None:
    assert not reconcile(api, machine)
    assert record(machine) is None
    assert api.writes == []


def test_node_has_the_name_of_the_host(api: Any, machine: FakeMachine) -> None:
    name = socket.gethostname().lower()
    register(api, {}, name)

    assert NodeLabels(api, machine).reconcile(read_options({}))
    assert api.writes == [f"PUT Node {name}"]
