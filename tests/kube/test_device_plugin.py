"""The charm's device plugin on a real kubelet: a node offers GPUs, and a pod gets one.

A machine boots (as in tests/host) with a real dockerd; a control plane of 1.20.2 with scheduler
and a kubelet run in its network. The GPUs are a faked sysfs; the image that the charm's DaemonSet
names holds a program that implements the kubelet's protocol and offers two devices.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from helpers.archives import archive_in
from helpers.host.docker_worker import SYSFS, add_gpu
from helpers.host.machines import Machine, base, why_not
from helpers.host.machines import UnavailableError as NoMachineError
from helpers.host.units import UnitOn
from helpers.kube.api_server import ApiServer, KubectlError
from helpers.kube.builds import UnavailableError, binaries, program
from helpers.kube.kubelet_journal import describe_end
from helpers.kube.related import pack, relations
from labcharm.json_types import JsonObject

T = TypeVar("T")
IMAGE = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"
RUNTIME = "/usr/bin/nvidia-container-runtime"
CLONE_NEWNET = 0x40000000
# Hands over to runc. The pods of the cluster ask for a low score by which the kernel chooses which
# process to kill; a container around these tests may not set it, so it is then left as it is.
RUNTIME_SCRIPT = """\
#!/bin/sh
echo -1 2> /dev/null > /proc/self/oom_score_adj || may_not=yes
previous=
for word; do
  case $previous in --bundle|-b)
    [ -z "$may_not" ] || sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$word/config.json";;
  esac
  previous=$word
done
exec runc "$@"
"""
KUBELET = """\
[Service]
ExecStart=/lab/bin/kubelet --kubeconfig=/lab/kubelet.conf \
 --pod-infra-container-image=pause:1 --cgroup-driver=cgroupfs --fail-swap-on=false \
 --node-ip=10.9.0.1 --eviction-hard= --container-runtime=docker
Restart=always
RestartSec=1
"""
# A kubelet writes these values, which belong to the whole host: files that are mounted over them
# hold what it expects. It also reads the kernel's log, which a machine does not have.
TUNABLES = {
    "vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10,
    "kernel/panic_on_oops": 1, "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}  # fmt: skip


@contextlib.contextmanager
def network_of(pid: int) -> Iterator[None]:
    """Put this thread, and what it starts, into the network of a process."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        assert libc.setns(namespace, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        yield
    finally:
        libc.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(namespace)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Boot a machine with docker, a GPU and a stand-in for NVIDIA's runtime."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    try:
        booted = Machine("gpunode", tmp_path / "machine", base("bookworm")).boot()
    except NoMachineError as error:
        pytest.skip(str(error))
    booted.write(RUNTIME, RUNTIME_SCRIPT, 0o755)
    add_gpu(booted)
    booted.sh("ln -s /dev/null /dev/kmsg; ip addr add 10.9.0.1/32 dev lo; systemctl start docker")
    for name, number in TUNABLES.items():
        file = "/run/tunable-" + name.replace("/", "-")
        booted.sh(f"echo {number} > {file}; mount --bind {file} /proc/sys/{name}")
    yield booted
    booted.remove()


@pytest.fixture
def control(machine: Machine, tmp_path: Path) -> Iterator[ApiServer]:
    """Start a control plane with all controllers and a scheduler in the machine's network."""
    try:
        programs = binaries()
        program("device-plugin")
    except UnavailableError as error:
        pytest.skip(str(error))
    server = ApiServer(programs, tmp_path / "kube", manager=True)
    with network_of(machine.leader):
        server.start(controllers="*", scheduler=True)
        yield server
        server.stop()


def import_images(machine: Machine) -> None:
    """Import the image of the pods' sandbox, and the image that the charm's DaemonSet names."""
    shutil.copy(program("device-plugin") / "device-plugin", machine.folder / "lab/device-plugin")
    machine.sh(
        "cd /tmp && mkdir -p p/bin && cp /bin/busybox p/bin/sleep && tar -C p -c . |"
        ' docker import -c \'ENTRYPOINT ["/bin/sleep","1000000"]\' - pause:1;'
        " mkdir -p q && cp /lab/device-plugin q/ && tar -C q -c . |"
        f" docker import -c 'ENTRYPOINT [\"/device-plugin\"]' - {IMAGE}"
    )


def start_kubelet(machine: Machine, control: ApiServer) -> None:
    """Start the kubelet as a service of the machine."""
    folder = machine.folder / "lab/bin"
    folder.mkdir(exist_ok=True)
    shutil.copy(binaries() / "kubelet", folder / "kubelet")
    config = json.loads(control.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["certificate-authority"] = "/lab/ca.crt"
    machine.write("/lab/ca.crt", control.ca)
    machine.write("/lab/kubelet.conf", json.dumps(config))
    machine.write("/etc/systemd/system/kubelet.service", KUBELET)
    machine.sh("systemctl daemon-reload; systemctl start kubelet")


class Cluster:
    """The control plane with the machine as its node.

    Args:
        machine: The machine on which the kubelet runs.
        control: The control plane.
    """

    def __init__(self, machine: Machine, control: ApiServer) -> None:
        self._machine, self.kubectl = machine, control.kubectl

    def node(self) -> JsonObject:
        """Return the node."""
        return dict(json.loads(self.kubectl("get", "node", "gpunode", "-o", "json")))

    def wait_for(self, condition: Callable[[], T], seconds: float = 90) -> T:
        """Wait until a condition is true, and return its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(KubectlError):
                answer = condition()
                if answer:
                    return answer
            time.sleep(0.5)
        raise AssertionError(self._state())

    def _state(self) -> str:
        """Return the objects of the cluster, and why the kubelet ended or what it does."""
        objects = self.kubectl("get", "pods,ds,nodes", "-A", "-o", "wide")
        # The stacks of all goroutines follow a fatal line: far more than forty lines.
        journal = self._machine.sh("journalctl -u kubelet --no-pager | tail -5000")
        return f"{objects}\n{describe_end(journal)}"

    def run_pod_with_gpu(self) -> None:
        """Run a pod that asks for a GPU."""
        limits = {"limits": {"nvidia.com/gpu": 1}}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "asks", "namespace": "default"},
            "spec": {"containers": [{"name": "c", "image": "pause:1", "resources": limits}]},
        }
        self.wait_for(lambda: self.kubectl("get", "sa", "default", "-o", "name"))
        self.kubectl("apply", "-f", "-", stdin=json.dumps(pod))
        path = "-o=jsonpath={.status.phase}"
        self.wait_for(lambda: self.kubectl("get", "pod", "asks", path) == "Running")


def test_node_offers_gpus_and_a_pod_gets_one(
    machine: Machine, control: ApiServer, tmp_path: Path
) -> None:
    """From the packed charm's hooks to `nvidia.com/gpu` in allocatable, and a running pod."""
    import_images(machine)
    start_kubelet(machine, control)
    cluster = Cluster(machine, control)
    cluster.wait_for(cluster.node)
    archives = pack("nvidia-runtime", tmp_path / "charms")
    env = {"NVIDIA_RUNTIME_SYSFS": SYSFS}
    archive = archive_in(archives, "nvidia-runtime", "jammy-noble")
    unit = UnitOn(machine, archive, "nvidia-runtime/0", env)
    bags, _ = relations(control, "today", "nvidia-runtime/0")
    unit.configure(driver="none", toolkit="host").put(relations=bags)

    status = unit.hooks("install", "config-changed", "start")

    assert status.startswith("active: 1 GPU, "), status
    assert cluster.node()["metadata"]["labels"]["gpu"] == "true"
    amount = cluster.wait_for(
        lambda: cluster.node()["status"]["allocatable"].get("nvidia.com/gpu")
    )
    assert amount == "2"
    outcome = unit.action("verify")
    checks = {check["name"]: check for check in json.loads(outcome["results"]["checks"])}
    assert checks["node"] == {
        "name": "node", "ok": True, "message": "2 nvidia.com/gpu allocatable",
    }, checks  # fmt: skip

    cluster.run_pod_with_gpu()
    runtime = machine.sh(
        "docker inspect -f '{{.HostConfig.Runtime}} {{.Config.Env}}'"
        " $(docker ps -qf name=k8s_c_asks)"
    )
    assert runtime.startswith("nvidia "), runtime
    assert "NVIDIA_VISIBLE_DEVICES=gpu-" in runtime
