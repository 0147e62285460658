"""nvidia-runtime's part on the cluster: the packed charm as Juju runs it, on a real API server.

No kubelet runs here, so no pod comes up and no node offers a GPU; the objects and labels are real.
"""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.gpu_machine import TOOLS, with_gpu
from helpers.juju.unit import Unit
from helpers.kube.related import AGES, leave, make_unit, pack, relate, run
from helpers.kube.servers import ApiServer

NODE = socket.gethostname().lower()
HOOKS = ("install", "kube-control-relation-joined", "kube-control-relation-changed")


@pytest.fixture(scope="session")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack("nvidia-runtime", tmp_path_factory.mktemp("charms"))


@pytest.fixture
def node(server: ApiServer) -> Iterator[str]:
    """Register this machine as a node, as its kubelet would."""
    body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}
    body["metadata"]["labels"] = {"theirs": "x"}  # type: ignore[index]
    server.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    yield NODE
    server.kubectl("delete", "node", NODE)


@pytest.fixture(params=sorted(AGES))
def unit(request: pytest.FixtureRequest, server: ApiServer, charms: Path, tmp_path: Path) -> Unit:
    """Put a unit on a machine with a GPU, related to the control plane of an age."""
    name = f"gpu{uuid.uuid4().hex[:6]}/0"
    environment = {"NVIDIA_RUNTIME_ROOT": str(tmp_path / "root")}
    unit = make_unit(request.param, charms, "nvidia-runtime", name, tmp_path, environment)
    unit.configure({"driver": "none"})
    for tool, body in TOOLS.items():
        (tmp_path / "bin" / tool).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "bin" / tool).chmod(0o755)
    with_gpu(tmp_path / "root")
    relate(unit, server, request.param)
    return unit


def plugin(server: ApiServer) -> dict[str, Any] | None:
    """Return the device plugin's DaemonSet."""
    args = ("get", "ds", "-n", "kube-system", "-o", "json")
    items = json.loads(server.kubectl(*args))["items"]
    return next((i for i in items if i["metadata"]["name"] == "nvidia-device-plugin"), None)


def labels(server: ApiServer) -> dict[str, str]:
    """Return the node's labels."""
    return dict(
        json.loads(server.kubectl("get", "node", NODE, "-o", "json"))["metadata"]["labels"]
    )


def test_a_life_on_the_cluster(server: ApiServer, node: str, unit: Unit) -> None:
    """Asks for credentials, brings the plugin and the labels, and takes both away."""
    assert run(unit, *HOOKS).startswith("active: 1 GPU(s)"), unit.log()

    local = unit.get("relations")["kube-control:1"]["local"]
    assert local["kubelet_user"] == unit.name
    assert local["auth_group"] == "system:masters"
    assert ("schema_vers" in local) == (unit.juju in ("3.6", "4.0"))
    found = plugin(server)
    assert found is not None
    pod = found["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"gpu": "true"}
    assert pod["containers"][0]["image"] == "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"
    assert labels(server).items() >= {"gpu": "true", "cuda": "true", "theirs": "x"}.items()
    assert server.token not in unit.log() + unit.status()

    run(unit, "stop")
    assert plugin(server) is not None, "the other units still need it"
    run(unit, *HOOKS)
    leave(unit)
    assert plugin(server) is None
    assert labels(server) == {"theirs": "x"}


def test_a_second_hook_writes_nothing(server: ApiServer, node: str, unit: Unit) -> None:
    """Neither plugin nor node has another resource version afterwards."""
    run(unit, *HOOKS)

    def versions() -> list[str]:
        found = json.loads(server.kubectl("get", "node", NODE, "-o", "json"))
        ours = plugin(server) or {}
        return [i["metadata"]["resourceVersion"] for i in (found, ours)]

    before = versions()
    run(unit, "config-changed", "update-status")
    assert versions() == before
    leave(unit)


def test_options_change_what_is_there(server: ApiServer, node: str, unit: Unit) -> None:
    """Own registry, a pinned version, further labels, then none of it."""
    options = {"device-plugin": "v0.14.1", "image-registry": "reg.lab:5000/", "driver": "none"}
    unit.configure({**options, "node-labels": "rack=a7 theirs=x"})
    run(unit, *HOOKS)
    found = plugin(server) or {}
    image = found["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "reg.lab:5000/nvidia/k8s-device-plugin:v0.14.1"
    assert labels(server)["rack"] == "a7"

    unit.configure({"device-plugin": "none", "driver": "none"})
    run(unit, "config-changed")
    assert plugin(server) is None
    assert labels(server) == {"gpu": "true", "cuda": "true", "theirs": "x"}
    leave(unit)
    assert labels(server) == {"theirs": "x"}


def test_the_addons_plugin_is_left_alone(server: ApiServer, node: str, unit: Unit) -> None:
    """Where the cluster runs one already, ours does not come beside it."""
    theirs = {
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": "addon", "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": "nvidia/k8s-device-plugin:1.11"}]},
            },
        },
    }  # fmt: skip
    server.kubectl("apply", "-f", "-", stdin=json.dumps(theirs))
    try:
        assert run(unit, *HOOKS).startswith("active")
        assert plugin(server) is None
        assert "left to kube-system/addon" in unit.log()
    finally:
        server.kubectl("delete", "ds", "-n", "kube-system", "addon")
        leave(unit)


def test_missing_pieces_are_named(server: ApiServer, node: str, unit: Unit) -> None:
    """The machine's part is done meanwhile."""
    bags = unit.get("relations")
    bags["kube-control:1"]["units"]["kubernetes-master/0"].pop("creds")
    unit.put("relations", bags)

    status = run(unit, *HOOKS)

    assert status == f"waiting: cluster: kube-control holds no credentials for {unit.name} yet"
    assert plugin(server) is None
