"""The charm nvidia-runtime on a real API server, packed and run as Juju runs it.

No kubelet runs here, so no pod comes up and no node offers a GPU; the objects and labels are real.
"""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.gpu_machine import add_programs, make_gpu_machine
from helpers.gpu_unit import replace_charm
from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.related import AGES, leave, make_unit, pack, relate, run
from helpers.previous_release import previous_archive
from labcharm.json_types import JsonObject

CHARM = "nvidia-runtime"
NODE = socket.gethostname().lower()
HOOKS = ("install", "kube-control-relation-joined", "kube-control-relation-changed")


@pytest.fixture(scope="session")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack(CHARM, tmp_path_factory.mktemp("charms"))


@pytest.fixture
def node(server: ApiServer) -> Iterator[str]:
    """Register this machine as a node, as its kubelet would."""
    metadata = {"name": NODE, "labels": {"theirs": "x"}}
    body = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
    server.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    yield NODE
    server.kubectl("delete", "node", NODE)


def make_gpu_unit(age: str, archives: Path, server: ApiServer, directory: Path) -> Unit:
    """Put a unit on a machine with a GPU, related to the control plane of an age."""
    name = f"gpu{uuid.uuid4().hex[:6]}/0"
    environment = {"NVIDIA_RUNTIME_ROOT": str(directory / "root")}
    unit = make_unit(age, archives, CHARM, name, directory, environment)
    unit.configure({"driver": "none"})
    add_programs(directory / "bin")
    make_gpu_machine(directory / "root")
    relate(unit, server, age)
    return unit


@pytest.fixture(params=sorted(AGES))
def unit(request: pytest.FixtureRequest, server: ApiServer, charms: Path, tmp_path: Path) -> Unit:
    """Put a unit of this release on a machine with a GPU."""
    return make_gpu_unit(request.param, charms, server, tmp_path)


def plugin(server: ApiServer) -> JsonObject | None:
    """Return the device plugin's DaemonSet; None without one."""
    args = ("get", "ds", "-n", "kube-system", "-o", "json")
    daemon_sets: list[JsonObject] = json.loads(server.kubectl(*args))["items"]
    by_name = {daemon_set["metadata"]["name"]: daemon_set for daemon_set in daemon_sets}
    return by_name.get("nvidia-device-plugin")


def get_node(server: ApiServer) -> JsonObject:
    """Return the node."""
    return dict(json.loads(server.kubectl("get", "node", NODE, "-o", "json")))


def labels(server: ApiServer) -> dict[str, str]:
    """Return the node's labels."""
    return dict(get_node(server)["metadata"]["labels"])


def versions(server: ApiServer) -> list[str]:
    """Return the resource versions of the node and the plugin."""
    objects = (get_node(server), plugin(server) or {})
    return [live["metadata"]["resourceVersion"] for live in objects]


def test_plugin_and_labels_are_applied_and_removed(
    server: ApiServer, node: str, unit: Unit
) -> None:
    """The unit asks for credentials; the last unit of the application removes the plugin."""
    assert run(unit, *HOOKS).startswith("active: 1 GPU, "), unit.log()

    published = unit.get("relations")["kube-control:1"]["local"]
    application = f"lab-charms:{unit.name.partition('/')[0]}.00000000"
    assert published["kubelet_user"] == f"{application}/0"
    assert published["auth_group"] == application
    assert ("schema_vers" in published) == (unit.juju in ("3.6", "4.0"))
    daemon_set = plugin(server)
    assert daemon_set is not None
    pod = daemon_set["spec"]["template"]["spec"]
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


def test_second_hook_writes_nothing(server: ApiServer, node: str, unit: Unit) -> None:
    """Neither the plugin nor the node has another resource version afterwards."""
    run(unit, *HOOKS)
    before = versions(server)

    run(unit, "config-changed", "update-status")

    assert versions(server) == before
    leave(unit)


def test_second_hook_does_not_write_the_runtime_class(
    server: ApiServer, node: str, unit: Unit
) -> None:
    """Servers from 1.20 to 1.24 show it in two versions; the units have no right to write it."""
    unit.configure({"driver": "none", "default-runtime": False})
    path = "/apis/node.k8s.io/v1/runtimeclasses/nvidia"

    assert "lack the rights" not in run(unit, *HOOKS), unit.log()

    before = server.kubectl("get", "--raw", path)
    assert "lack the rights" not in run(unit, "config-changed", "update-status"), unit.log()
    assert server.kubectl("get", "--raw", path) == before
    leave(unit)
    assert "nvidia" not in server.kubectl("get", "runtimeclasses", "-o", "name")


@pytest.mark.parametrize("age", sorted(AGES))
def test_refresh_from_the_previous_release_writes_nothing(
    server: ApiServer, node: str, charms: Path, tmp_path: Path, age: str
) -> None:
    """The new release takes the plugin and the labels for its own, and removes them at the end."""
    platform = AGES[age][0]
    previous = previous_archive(CHARM, platform)
    unit = make_gpu_unit(age, previous.parent, server, tmp_path)
    run(unit, *HOOKS)
    before = versions(server)

    replace_charm(unit, previous, charms / previous.name)
    run(unit, "upgrade-charm", "config-changed", "update-status")

    assert versions(server) == before
    leave(unit)
    assert plugin(server) is None
    assert labels(server) == {"theirs": "x"}


def test_options_change_plugin_and_labels(server: ApiServer, node: str, unit: Unit) -> None:
    """A registry, a pinned version and additional labels are applied, and removed again."""
    options = {"device-plugin": "v0.14.1", "image-registry": "reg.lab:5000/", "driver": "none"}
    unit.configure({**options, "node-labels": "rack=a7 theirs=x"})
    run(unit, *HOOKS)
    daemon_set = plugin(server) or {}
    image = daemon_set["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "reg.lab:5000/nvidia/k8s-device-plugin:v0.14.1"
    assert labels(server)["rack"] == "a7"

    unit.configure({"device-plugin": "none", "driver": "none"})
    run(unit, "config-changed")
    assert plugin(server) is None
    assert labels(server) == {"gpu": "true", "cuda": "true", "theirs": "x"}
    leave(unit)
    assert labels(server) == {"theirs": "x"}


def test_plugin_of_the_addons_is_left_alone(server: ApiServer, node: str, unit: Unit) -> None:
    """If the cluster runs a device plugin already, the charm applies none."""
    addon = {
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
    server.kubectl("apply", "-f", "-", stdin=json.dumps(addon))
    try:
        assert run(unit, *HOOKS).startswith("active")
        assert plugin(server) is None
        assert "has a device plugin already: kube-system/addon" in unit.log()
    finally:
        server.kubectl("delete", "ds", "-n", "kube-system", "addon")
        leave(unit)


def test_missing_credentials_are_named(server: ApiServer, node: str, unit: Unit) -> None:
    """The machine is set up meanwhile."""
    bags = unit.get("relations")
    bags["kube-control:1"]["units"]["kubernetes-master/0"].pop("creds")
    unit.put("relations", bags)

    status = run(unit, *HOOKS)

    assert status == "waiting: cluster: no credentials from kube-control yet"
    assert plugin(server) is None
