"""The charm's device plugin on a real kubelet: a node offers GPUs, and a pod gets one.

A machine boots (as in tests/host) with a real dockerd; a control plane of 1.20.2 with scheduler
and a kubelet run in its network. The GPUs are a faked sysfs; the image that the charm's DaemonSet
names holds a program that speaks the kubelet's protocol and offers two devices.
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
from typing import Any

import pytest

from helpers.host.machines import Machine, base, why_not
from helpers.host.machines import UnavailableError as NoMachineError
from helpers.host.units import UnitOn
from helpers.kube.builds import UnavailableError, binaries, program
from helpers.kube.related import pack, relations
from helpers.kube.servers import ApiServer, KubectlError

IMAGE = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"
RUNTIME = "/usr/bin/nvidia-container-runtime"
CLONE_NEWNET = 0x40000000
# Hands over to runc. A container around these tests may not lower the score by which the kernel
# chooses whom to kill, as pods of the cluster's own ask; it is left as it is then.
STAND_IN = """\
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


# A kubelet writes these, which are the whole host's: files over them hold what it wants to see. It
# reads the kernel's log as well, which a machine does not have.
TUNABLES = {
    "vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10,
    "kernel/panic_on_oops": 1, "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}  # fmt: skip


@contextlib.contextmanager
def network_of(pid: int) -> Iterator[None]:
    """Be in a process's network while this lasts: this thread, and what it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    mine = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    theirs = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        assert libc.setns(theirs, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        yield
    finally:
        libc.setns(mine, CLONE_NEWNET)
        os.close(mine)
        os.close(theirs)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Boot a machine with docker, two GPUs and a stand-in for NVIDIA's runtime."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    try:
        booted = Machine("gpunode", tmp_path / "machine", base("bookworm")).boot()
    except NoMachineError as error:
        pytest.skip(str(error))
    booted.write(RUNTIME, STAND_IN, 0o755)
    device = "/lab/sysfs/bus/pci/devices/0000:0b:00.0"
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        booted.write(f"{device}/{name}", text + "\n")
    booted.sh("ln -s /dev/null /dev/kmsg; ip addr add 10.9.0.1/32 dev lo; systemctl start docker")
    for name, value in TUNABLES.items():
        file = "/run/tunable-" + name.replace("/", "-")
        booted.sh(f"echo {value} > {file}; mount --bind {file} /proc/sys/{name}")
    yield booted
    booted.remove()


@pytest.fixture
def control(machine: Machine, tmp_path: Path) -> Iterator[ApiServer]:
    """Start a control plane with all its controllers and a scheduler, beside the machine."""
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


def images(machine: Machine) -> None:
    """Import the image of the pods' sandbox, and the one that the charm's DaemonSet names."""
    shutil.copy(program("device-plugin") / "device-plugin", machine.folder / "lab/device-plugin")
    machine.sh(
        "cd /tmp && mkdir -p p/bin && cp /bin/busybox p/bin/sleep && tar -C p -c . |"
        ' docker import -c \'ENTRYPOINT ["/bin/sleep","1000000"]\' - pause:1;'
        " mkdir -p q && cp /lab/device-plugin q/ && tar -C q -c . |"
        f" docker import -c 'ENTRYPOINT [\"/device-plugin\"]' - {IMAGE}"
    )


def kubelet(machine: Machine, control: ApiServer) -> None:
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


def eventually(what: Callable[[], Any], told: Callable[[], str], seconds: float = 90) -> Any:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(KubectlError):
            found = what()
            if found:
                return found
        time.sleep(0.5)
    raise AssertionError(told())


def test_a_node_offers_gpus_and_a_pod_gets_one(
    machine: Machine, control: ApiServer, tmp_path: Path
) -> None:
    """From the packed charm's hooks to `nvidia.com/gpu` in allocatable, and a running pod."""
    images(machine)
    kubelet(machine, control)

    def node() -> dict[str, Any]:
        return dict(json.loads(control.kubectl("get", "node", "gpunode", "-o", "json")))

    def journal() -> str:
        pods = control.kubectl("get", "pods,ds,nodes", "-A", "-o", "wide")
        return pods + machine.sh("journalctl -u kubelet --no-pager | tail -40")

    eventually(node, journal)
    archives = pack("nvidia-runtime", tmp_path / "charms")
    env = {"NVIDIA_RUNTIME_SYSFS": "/lab/sysfs"}
    unit = UnitOn(machine, archives / "nvidia-runtime_jammy-noble.charm", "nvidia-runtime/0", env)
    bags, _ = relations(control, "today", "nvidia-runtime/0")
    unit.configure(driver="none", toolkit="host").put(relations=bags)

    status = unit.hooks("install", "config-changed", "start")

    assert status.startswith("active: 1 GPU(s)"), status
    assert node()["metadata"]["labels"]["gpu"] == "true"
    offered = eventually(lambda: node()["status"]["allocatable"].get("nvidia.com/gpu"), journal)
    assert offered == "2"
    done = unit.action("verify")
    checks = {check["name"]: check for check in json.loads(done["results"]["checks"])}
    assert checks["node"] == {
        "name": "node", "ok": True, "message": "2 nvidia.com/gpu allocatable",
    }, checks  # fmt: skip

    limits = {"limits": {"nvidia.com/gpu": 1}}
    container = {"name": "c", "image": "pause:1", "resources": limits}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "asks", "namespace": "default"}}
    pod["spec"] = {"containers": [container]}  # type: ignore[assignment]
    eventually(lambda: control.kubectl("get", "sa", "default", "-o", "name"), journal)
    control.kubectl("apply", "-f", "-", stdin=json.dumps(pod))
    path = "-o=jsonpath={.status.phase}"
    eventually(lambda: control.kubectl("get", "pod", "asks", path) == "Running", journal)
    runtime = machine.sh(
        "docker inspect -f '{{.HostConfig.Runtime}} {{.Config.Env}}'"
        " $(docker ps -qf name=k8s_c_asks)"
    )
    assert runtime.startswith("nvidia "), runtime
    assert "NVIDIA_VISIBLE_DEVICES=gpu-" in runtime
