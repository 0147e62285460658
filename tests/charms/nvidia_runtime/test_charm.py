"""The charm's hooks, on a machine of scripted programs and a cluster in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ops import testing

from helpers.gpu_lab import NODE, Cluster, Lab, state
from nvidia_runtime.cluster.node import node_reference

ACTIVE = testing.ActiveStatus("1 GPU, driver not checked, nvidia is the default runtime of docker")
IDLE = testing.ActiveStatus("no GPU on this machine")
KUBECONFIG = "/var/lib/nvidia-runtime/kubeconfig"
LABELS = "/var/lib/nvidia-runtime/node-labels.json"
PLUGIN = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "nvidia-device-plugin", "namespace": "kube-system"},
}


@pytest.mark.parametrize(
    "event", ["install", "upgrade_charm", "config_changed", "start", "update_status",
              "leader_elected"],
)  # fmt: skip
def test_every_hook_reconciles_machine_and_cluster(
    context: testing.Context[Any], lab: Lab, cluster: Cluster, event: str
) -> None:
    out = context.run(getattr(context.on, event)(), state(node_labels="rack=7"))

    assert out.unit_status == ACTIVE
    labels = {"cuda": "true", "gpu": "true", "rack": "7"}
    assert cluster.node_labels == {"zone": "a", **labels}
    assert cluster.writes[1:] == ["PUT DaemonSet nvidia-device-plugin", f"PUT Node {NODE}"]
    assert cluster.tokens == ["secret-token"]
    assert cluster.closed == 1
    assert json.loads(lab.read(LABELS) or "") == labels
    assert json.loads(lab.read("/etc/docker/daemon.json") or "")["default-runtime"] == "nvidia"


@pytest.mark.parametrize("kind", ["relation_joined", "relation_changed"])
def test_relation_to_the_principal_reconciles(context: testing.Context[Any], kind: str) -> None:
    relation = testing.SubordinateRelation("juju-info", remote_app_name="worker")
    before = testing.State(relations={relation}, config={"driver": "none"})

    assert context.run(getattr(context.on, kind)(relation), before).unit_status == ACTIVE


def test_credentials_in_the_apt_line_block_and_its_file_becomes_private(
    context: testing.Context[Any], lab: Lab
) -> None:
    """An earlier revision accepted them and wrote them for everybody to read."""
    path = "/etc/apt/sources.list.d/nvidia-runtime.list"
    line = "deb https://user:hunter2@mirror.lab/deb /"
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----"
    lab.write(path, f"{line}\n")
    out = context.run(context.on.config_changed(), state(toolkit_source=line, toolkit_key=key))

    assert out.unit_status == testing.BlockedStatus(
        "toolkit-source contains a user or a password; write them to /etc/apt/auth.conf.d on each"
        " machine"
    )
    assert lab.mode(path) == 0o600


def test_unit_without_a_cluster_uses_none(context: testing.Context[Any], cluster: Cluster) -> None:
    out = context.run(context.on.config_changed(), state(kubeconfig=""))

    assert out.unit_status == ACTIVE
    assert cluster.tokens == []


def test_relation_without_credentials_waits(context: testing.Context[Any], lab: Lab) -> None:
    """The machine is set up all the same; the unit asks for credentials."""
    relation = testing.Relation("kube-control", remote_app_name="control-plane")
    before = replace(state(kubeconfig=""), relations={relation})
    out = context.run(context.on.relation_joined(relation), before)

    assert out.unit_status.name == "waiting"
    assert out.unit_status.message.startswith("cluster: ")
    bag = out.get_relation(relation.id).local_unit_data
    assert bag["kubelet_user"] == "lab-charms:nvidia-runtime.12345678/0"
    assert bag["auth_group"] == "lab-charms:nvidia-runtime.12345678"
    assert lab.read("/etc/docker/daemon.json") is not None


def test_unit_that_does_not_lead_labels_only_its_node(
    context: testing.Context[Any], cluster: Cluster
) -> None:
    context.run(context.on.config_changed(), state(leader=False))

    assert cluster.writes[1:] == [f"PUT Node {NODE}"]


def test_leader_without_a_gpu_applies_only_the_plugin(
    context: testing.Context[Any], lab: Lab, cluster: Cluster
) -> None:
    """Another unit without a GPU does nothing on the cluster."""
    lab.write("/sys/bus/pci/devices/0000:0b:00.0/vendor", "0x1002\n")

    assert context.run(context.on.config_changed(), state(leader=False)).unit_status == IDLE
    assert cluster.tokens == []
    assert context.run(context.on.config_changed(), state()).unit_status == IDLE
    assert cluster.writes[1:] == ["PUT DaemonSet nvidia-device-plugin"]
    assert lab.read("/etc/docker/daemon.json") is None


def test_node_that_is_not_registered_is_awaited(
    context: testing.Context[Any], cluster: Cluster
) -> None:
    cluster.delete(node_reference(NODE))
    out = context.run(context.on.config_changed(), state())

    message = f"cluster: node {NODE} is not registered yet"
    assert out.unit_status == testing.WaitingStatus(message)


def test_foreign_plugin_blocks_or_is_logged(
    context: testing.Context[Any], lab: Lab, cluster: Cluster
) -> None:
    """One of the same name blocks; an addon with the same image needs no action."""
    container = {"name": "x", "image": "other"}
    pod = {"template": {"spec": {"containers": [container]}}}
    cluster.create({**PLUGIN, "spec": pod})
    out = context.run(context.on.config_changed(), state())
    assert out.unit_status == testing.BlockedStatus(
        "not made by this application: DaemonSet kube-system/nvidia-device-plugin;"
        " remove it, or set device-plugin=none"
    )

    container["image"] = "nvidia/k8s-device-plugin:1.0.0-beta4"
    cluster.replace({**PLUGIN, "spec": pod})
    assert context.run(context.on.config_changed(), state()).unit_status == ACTIVE
    assert lab.ran("juju-log") == [
        "the cluster has a device plugin already: kube-system/nvidia-device-plugin"
    ]


def test_kubeconfig_that_cannot_be_used_blocks(context: testing.Context[Any]) -> None:
    out = context.run(context.on.config_changed(), state(kubeconfig="{}"))

    assert out.unit_status == testing.BlockedStatus(
        "option kubeconfig: the current context names an entry of contexts that does not exist"
    )


def test_machine_decides_before_the_cluster(
    context: testing.Context[Any], lab: Lab, cluster: Cluster
) -> None:
    cluster.is_down = True
    lab.write("/etc/docker/daemon.json", "[]")
    out = context.run(context.on.config_changed(), state())

    message = "/etc/docker/daemon.json is not a JSON object; correct or remove it"
    assert out.unit_status == testing.BlockedStatus(message)


@pytest.mark.parametrize(("units", "is_kept"), [(1, True), (0, False)])
def test_stop_restores_machine_and_node(
    context: testing.Context[Any], lab: Lab, cluster: Cluster, units: int, is_kept: bool
) -> None:
    """The other units still need the plugin, unless the application is removed."""
    context.run(context.on.install(), state())
    context.run(context.on.stop(), state(units=units))

    assert cluster.node_labels == {"zone": "a"}
    assert (cluster.get(PLUGIN) is not None) is is_kept
    assert cluster.closed == 2
    assert lab.ran("juju-log") == ["the configuration of docker is restored"]
    assert "restart docker.service" in lab.ran("systemctl")
    for path in ("/etc/docker/daemon.json", KUBECONFIG, LABELS, "/var/lib/nvidia-runtime"):
        assert not (lab.root / path.lstrip("/")).exists(), path


@pytest.mark.parametrize(
    ("config", "is_restarted"), [({}, True), ({"allow_restart": False}, False)]
)
def test_stop_restarts_docker_only_if_allowed(
    context: testing.Context[Any], lab: Lab, config: dict[str, bool], is_restarted: bool
) -> None:
    context.run(context.on.install(), state(kubeconfig=""))
    lab.set_program("docker", "echo '{\"ContainersRunning\": 1}'")
    context.run(context.on.stop(), state(kubeconfig="", **config))

    rest = "" if is_restarted else "; docker keeps the runtime until it is restarted"
    assert lab.ran("juju-log") == [f"the configuration of docker is restored{rest}"]
    assert ("restart docker.service" in lab.ran("systemctl")) is is_restarted


def test_unit_that_does_not_lead_keeps_the_plugin(
    context: testing.Context[Any], cluster: Cluster
) -> None:
    context.run(context.on.install(), state())
    context.run(context.on.stop(), state(leader=False, units=0))

    assert cluster.get(PLUGIN) is not None


def test_stop_without_the_cluster_reports_what_remains(
    context: testing.Context[Any], lab: Lab, cluster: Cluster
) -> None:
    context.run(context.on.install(), state())
    cluster.is_down = True
    context.run(context.on.stop(), state(units=0))

    remains, restored = lab.ran("juju-log")
    assert remains.startswith("labels or device plugin remain on the cluster: ")
    assert restored == "the configuration of docker is restored"
    assert not (lab.root / "var/lib/nvidia-runtime").exists()


def test_stop_of_a_unit_without_a_gpu_logs_nothing(
    context: testing.Context[Any], lab: Lab
) -> None:
    context.run(context.on.stop(), state(kubeconfig=""))

    assert lab.ran("juju-log") == []


def test_message_that_is_too_long_is_in_the_log(context: testing.Context[Any], lab: Lab) -> None:
    """`juju status` shows the first problem, and the log shows all."""
    out = context.run(context.on.config_changed(), state(driver="?", toolkit="shop", pins="x"))

    assert out.unit_status.message.startswith("driver is '?'; use auto, ")
    assert out.unit_status.message.endswith("... (run verify)")
    (message,) = [entry.message for entry in context.juju_log if entry.level == "WARNING"]
    assert message.startswith("status blocked: driver is '?'")
    assert "toolkit is 'shop'" in message
    assert "pins contains 'x'" in message
