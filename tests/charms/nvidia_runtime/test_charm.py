"""The charm's hooks and actions, on a machine of scripted programs and a cluster in memory."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.fake_apis.memory_api import MemoryApi
from helpers.gpu_machine import add_gpu, add_programs, add_runtime
from helpers.kubeconfigs import kubeconfig_text
from labkube.client.api import ApiError
from nvidia_runtime.cluster.node import node_reference

CHARM = Path(__file__).resolve().parents[3] / "charms/nvidia-runtime"
NODE = socket.gethostname().lower()
ACTIVE = testing.ActiveStatus("1 GPU, nvidia is the default runtime of docker")
IDLE = testing.ActiveStatus("no GPU on this machine")
KUBECONFIG = "/var/lib/nvidia-runtime/kubeconfig"
LABELS = "/var/lib/nvidia-runtime/node-labels.json"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
KUBERNETES = {"driver": "none", "kubeconfig": kubeconfig_text()}
MODEL = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")
PLUGIN = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "nvidia-device-plugin", "namespace": "kube-system"},
}


class Cluster(MemoryApi):
    """A server on which this machine is a node.

    Attributes:
        tokens: The tokens with which a client was made.
        is_down: Whether it refuses requests for objects.
        closed: How many clients were closed.
    """

    def __init__(self) -> None:
        kinds = (("v1", "Node"), ("node.k8s.io/v1", "RuntimeClass"))
        super().__init__((1, 28), kinds)
        self.tokens: list[str] = []
        self.is_down, self.closed = False, 0
        self.create({**node_reference(NODE), "metadata": {"name": NODE, "labels": {"zone": "a"}}})

    def connect(self, access: Any) -> Cluster:
        """Return a client with this access."""
        self.tokens.append(access.token)
        return self

    def close(self) -> None:
        """Close a client."""
        self.closed += 1

    def get(self, manifest: Any) -> Any:
        """Return an object."""
        if self.is_down:
            raise ApiError(0, "", "no route to host")
        return super().get(manifest)

    @property
    def node_labels(self) -> dict[str, str]:
        """The labels of this machine's node."""
        return dict(self.get(node_reference(NODE))["metadata"]["labels"])


class Lab:
    """A machine with docker, a GPU and the runtime.

    Attributes:
        root: The directory that is the machine's root.
    """

    def __init__(self, directory: Path) -> None:
        self.root, self._log, self._bin = (directory / name for name in ("root", "log", "bin"))
        self._bin.mkdir()
        add_programs(self._bin, self._log)
        self.set_program("juju-log", "")
        self.set_program("juju-reboot", "")
        add_gpu(self.root)
        add_runtime(self.root)

    def set_program(self, name: str, body: str) -> None:
        """Add a program with this body for /bin/sh."""
        path = self._bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self._log}\n{body}\n')
        path.chmod(0o755)

    def ran(self, name: str) -> list[str]:
        """Return the arguments of each run of a program."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [line[len(name) + 1 :] for line in lines if line.startswith(f"{name} ")]

    def read(self, path: str) -> str | None:
        """Return the text of a file of the machine; None without the file."""
        file = self.root / path.lstrip("/")
        return file.read_text() if file.exists() else None

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return the charm's machine."""
    lab = Lab(tmp_path)
    monkeypatch.setenv("NVIDIA_RUNTIME_ROOT", str(lab.root))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return lab


@pytest.fixture
def cluster() -> Cluster:
    """Return the cluster."""
    return Cluster()


@pytest.fixture
def context(
    lab: Lab, cluster: Cluster, source: str, monkeypatch: pytest.MonkeyPatch
) -> testing.Context[Any]:
    """Return a context of the charm on this machine and this cluster."""
    module = load("nvidia-runtime")
    monkeypatch.setattr(module, "SOURCE", source)
    monkeypatch.setattr(module, "Api", cluster.connect)
    monkeypatch.setenv("NVIDIA_RUNTIME_SYSFS", "/sys")
    return testing.Context(module.NvidiaRuntimeCharm, charm_root=CHARM)


def state(leader: bool = True, units: int = 1, **config: Any) -> testing.State:
    """Return the state of a unit on a machine of a Kubernetes worker."""
    options = {**KUBERNETES, **{name.replace("_", "-"): config[name] for name in config}}
    return testing.State(leader=leader, planned_units=units, config=options, model=MODEL)


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


def test_unit_without_a_cluster_uses_none(
    context: testing.Context[Any], cluster: Cluster
) -> None:
    out = context.run(context.on.config_changed(), state(kubeconfig=""))

    assert out.unit_status == ACTIVE
    assert cluster.tokens == []


def test_relation_without_credentials_waits(context: testing.Context[Any], lab: Lab) -> None:
    """docker is set up all the same; the unit asks for credentials."""
    relation = testing.Relation("kube-control", remote_app_name="control-plane")
    before = testing.State(leader=True, relations={relation}, config={"driver": "none"})
    out = context.run(context.on.relation_joined(relation), before)

    assert out.unit_status.name == "waiting"
    assert out.unit_status.message.startswith("cluster: ")
    assert out.get_relation(relation.id).local_unit_data["kubelet_user"] == "nvidia-runtime/0"
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
        "device-plugin: not made by this application: DaemonSet kube-system/nvidia-device-plugin;"
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


def test_list_gpus_describes_each(context: testing.Context[Any]) -> None:
    context.run(context.on.action("list-gpus"), state())
    results = context.action_results or {}

    assert results["count"] == "1"
    assert json.loads(results["gpus"]) == [
        {
            "address": "0000:0b:00.0",
            "device": "0x1eb8",
            "kind": "0x030200",
            "driver": "",
            "use": "plain",
        }
    ]


def test_action_reconcile_may_restart(context: testing.Context[Any], lab: Lab) -> None:
    """allow-restart=false forbids it to hooks only."""
    lab.set_program(
        "docker",
        f"test -e {lab.root}/restarted && runtime='\"nvidia\":{{\"path\":"
        '"/usr/bin/nvidia-container-runtime"}\' default=nvidia\n'
        'echo "{\\"Runtimes\\":{$runtime},\\"DefaultRuntime\\":\\"$default\\",'
        '\\"ContainersRunning\\":1}"',
    )
    lab.set_program(
        "systemctl",
        'case "$*" in *restart*) : > ' + f"{lab.root}/restarted;; *reload\\ *) exit 1;;"
        ' *ActiveState*docker*) printf "LoadState=loaded\\nActiveState=active\\n";; esac',
    )
    config = state(allow_restart=False, kubeconfig="")
    message = "docker must be restarted: run the action reconcile"
    out = context.run(context.on.config_changed(), config)
    assert out.unit_status == testing.WaitingStatus(message)

    out = context.run(context.on.action("reconcile"), config)
    assert out.unit_status == ACTIVE
    assert context.action_results == {"status": "active", "message": ACTIVE.message}


def test_action_reconcile_fails_when_the_unit_is_blocked(context: testing.Context[Any]) -> None:
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("reconcile"), state(driver="?"))

    assert raised.value.message.startswith("driver is '?'")
    assert (context.action_results or {})["status"] == "blocked"


def test_verify_runs_the_container_of_its_parameters(
    context: testing.Context[Any], lab: Lab
) -> None:
    context.run(context.on.install(), state(kubeconfig=""))
    params = {"image": "img:1"}
    context.run(context.on.action("verify", params=params), state(kubeconfig=""))

    assert lab.ran("docker")[-1] == "run --rm --runtime nvidia img:1 nvidia-smi -L"
    assert (context.action_results or {})["ok"] == "true"


def test_verify_reports_bad_options(context: testing.Context[Any]) -> None:
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("verify"), state(driver="?"))

    assert raised.value.message.startswith("driver is '?'")


@pytest.mark.parametrize("drain", [None, True])
def test_requested_reboot_is_carried_out_once(
    context: testing.Context[Any], lab: Lab, drain: bool | None
) -> None:
    """The next hook reboots; the hook after the boot sets the machine up."""
    lab.write(BOOT_ID, "one\n")
    params = {} if drain is None else {"drain": drain}
    context.run(context.on.action("reboot-node", params=params), state(kubeconfig=""))
    assert context.action_results == {"result": "the next hook reboots the machine"}
    request = json.loads(lab.read("/var/lib/nvidia-runtime/reboot.json") or "")
    assert request == {"boot": "one", "drain": bool(drain), "drained": False}

    out = context.run(context.on.update_status(), state(kubeconfig=""))
    assert out.unit_status == testing.WaitingStatus(
        "rebooting, as requested by the action reboot-node"
    )
    assert lab.ran("juju-reboot") == [""]
    assert lab.read("/etc/docker/daemon.json") is None

    lab.write(BOOT_ID, "two\n")
    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE
    assert lab.ran("juju-reboot") == [""]
    assert lab.read("/var/lib/nvidia-runtime/reboot.json") is None


def test_reboot_that_juju_refuses_does_not_stop_the_hook(
    context: testing.Context[Any], lab: Lab
) -> None:
    lab.set_program("juju-reboot", "exit 1")
    context.run(context.on.action("reboot-node"), state(kubeconfig=""))

    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE


def test_node_that_cannot_be_drained_is_not_rebooted(
    context: testing.Context[Any], lab: Lab
) -> None:
    lab.write("/root/.kube/config", "x")
    lab.write("/usr/bin/kubectl", "x")
    context.run(context.on.action("reboot-node", params={"drain": True}), state(kubeconfig=""))
    lab.set_program("kubectl", "echo refused >&2; exit 1")

    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE
    assert lab.ran("juju-reboot") == []
    (message,) = lab.ran("juju-log")
    assert message.startswith("reboot-node waits: kubectl ended with ")
