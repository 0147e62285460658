"""The node of this machine, by the kubectl of the machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.fake_apis.http_api import DictionaryApi
from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandError, CommandResult
from labkube.client import kubeconfig
from nvidia_runtime.cluster.node import Node, node_reference

KUBECONFIG = "/root/cdk/kubeconfig"


@pytest.fixture
def kubectl(machine: FakeMachine) -> list[str]:
    """Give the machine a kubeconfig and kubectl; return the beginning of its command line."""
    machine.write(KUBECONFIG, "x")
    machine.write("/usr/local/bin/kubectl", "")
    return ["/usr/local/bin/kubectl", "--kubeconfig", machine.path(KUBECONFIG)]


def test_kubeconfig_is_the_first_of_the_machine(machine: FakeMachine) -> None:
    assert Node(machine).kubeconfig is None
    for path in (
        "/etc/kubernetes/kubelet.conf", KUBECONFIG, "/etc/kubernetes/admin.conf",
        "/root/.kube/config", "/var/lib/nvidia-runtime/kubeconfig",
    ):  # fmt: skip
        machine.write(path, "x")
        assert Node(machine).kubeconfig == path


@pytest.mark.parametrize(
    ("status", "amount"),
    [
        ({"allocatable": {"nvidia.com/gpu": "2", "cpu": "4"}}, "2"),
        ({"allocatable": {"cpu": "4"}}, ""),
        ({}, ""),
    ],
)
def test_offer_of_the_node_is_read_with_kubectl(
    machine: FakeMachine, kubectl: list[str], status: object, amount: str
) -> None:
    machine.answers[" ".join(kubectl)] = json.dumps({"status": status})

    assert Node(machine, "node-1").allocatable() == amount
    assert machine.commands == [[*kubectl, "get", "node", "node-1", "--output", "json"]]


def test_offer_of_the_node_is_read_with_the_charms_kubeconfig(
    machine: FakeMachine, tmp_path: Path
) -> None:
    """It needs no kubectl; a node that is not registered offers nothing."""
    with DictionaryApi(tmp_path) as server:
        kubeconfig.write(machine, "/var/lib/nvidia-runtime/kubeconfig", server.access)
        assert Node(machine, "node-1").allocatable() == ""
        status = {"allocatable": {"nvidia.com/gpu": "4"}}
        server.put("/api/v1/nodes/node-1", {**node_reference("node-1"), "status": status})

        assert Node(machine, "node-1").allocatable() == "4"
    assert machine.commands == []


@pytest.mark.parametrize("text", ["", "no JSON", "[]"])
def test_answer_that_is_no_object_offers_nothing(
    machine: FakeMachine, kubectl: list[str], text: str
) -> None:
    machine.answers[" ".join(kubectl)] = text

    assert Node(machine, "node-1").allocatable("cpu") == ""


def test_failing_kubectl_is_an_error_with_its_message(
    machine: FakeMachine, kubectl: list[str]
) -> None:
    machine.answers[" ".join(kubectl)] = CommandResult(1, "", "the server refused\n")

    for action in (Node(machine).allocatable, Node(machine).drain, Node(machine).uncordon):
        with pytest.raises(CommandError) as raised:
            action()
        assert str(raised.value) == "kubectl ended with 1: the server refused"


@pytest.mark.parametrize(
    ("help_text", "option"),
    [
        ("  --delete-emptydir-data=false: x", "--delete-emptydir-data"),
        ("  --delete-local-data=false: x", "--delete-local-data"),
    ],
)
def test_node_is_drained_with_the_option_of_the_release(
    machine: FakeMachine, kubectl: list[str], help_text: str, option: str
) -> None:
    machine.answers[" ".join([*kubectl, "drain", "--help"])] = help_text
    node = Node(machine, "node-1")
    node.drain()
    node.uncordon()

    assert machine.commands == [
        [*kubectl, "drain", "--help"],
        [*kubectl, "drain", "node-1", "--ignore-daemonsets", option, "--force"],
        [*kubectl, "uncordon", "node-1"],
    ]


def test_kubectl_of_a_snap_is_used_where_there_is_no_other(machine: FakeMachine) -> None:
    machine.write(KUBECONFIG, "x")
    Node(machine, "n").uncordon()

    assert machine.commands == [
        ["/snap/bin/kubectl", "--kubeconfig", machine.path(KUBECONFIG), "uncordon", "n"]
    ]


@pytest.mark.parametrize("name", ["kubelet.conf", "admin.conf"])
def test_node_of_canonical_kubernetes_is_read_with_what_its_snap_has(
    machine: FakeMachine, name: str
) -> None:
    """A worker has the kubelet's kubeconfig alone, and kubectl is in the snap."""
    path = f"/etc/kubernetes/{name}"
    machine.write(path, "x")
    machine.write("/snap/k8s/current/bin/kubectl", "")
    command = ["/snap/k8s/current/bin/kubectl", "--kubeconfig", machine.path(path)]
    status = {"allocatable": {"nvidia.com/gpu": "2"}}
    machine.answers[" ".join(command)] = json.dumps({"status": status})

    assert Node(machine, "node-1").allocatable() == "2"
    assert machine.commands == [[*command, "get", "node", "node-1", "--output", "json"]]


def test_reference_names_the_node() -> None:
    assert node_reference("n") == {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
