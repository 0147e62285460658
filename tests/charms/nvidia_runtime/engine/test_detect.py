"""Which engine a machine runs: that of its kubelet, or the installed one."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import units
from labcharm.errors import BlockedError, CharmError, WaitingError
from nvidia_runtime.engine.detect import find_engine

BOTH = ("docker.service", "containerd.service")
SNAP = "snap.k8s.containerd.service"
CONFIG = "/var/lib/kubelet/config.yaml"
ENDPOINT = "unix:///run/containerd/containerd.sock"
GUIDE = "see docs/how-to/gpu-runtime.md"


def service(machine: FakeMachine, *loaded: str) -> str:
    """Return the systemd unit of the engine on a machine with these units."""
    machine.answers["systemctl show --property Id,LoadState"] = units(*loaded)
    return find_engine(machine, "/nowhere").service


def refusal(machine: FakeMachine, *loaded: str) -> CharmError:
    """Return the error on a machine with these units; its message must fit `juju status`."""
    with pytest.raises(CharmError) as caught:
        service(machine, *loaded)
    assert len(str(caught.value)) <= 110
    return caught.value


def set_kubelet(machine: FakeMachine, arguments: str, version: str = "1.28.3") -> None:
    """Give the kubelet of a package these arguments."""
    command = (
        f"{{ path=/usr/bin/kubelet ; argv[]=/usr/bin/kubelet {arguments} ; ignore_errors=no }}"
    )
    machine.answers["systemctl show --property LoadState"] = f"ExecStart={command}\n"
    machine.answers["/usr/bin/kubelet --version"] = f"Kubernetes v{version}\n"


@pytest.mark.parametrize(
    ("loaded", "engine"),
    [
        (BOTH, "docker.service"),
        (BOTH[1:], "containerd.service"),
        ((SNAP,), SNAP),
        (("snap.docker.dockerd.service", "containerd.service"), "containerd.service"),
    ],
)
def test_docker_is_preferred_to_its_containerd_without_a_kubelet(
    machine: FakeMachine, loaded: tuple[str, ...], engine: str
) -> None:
    assert service(machine, *loaded) == engine


@pytest.mark.parametrize(
    ("arguments", "config", "engine"),
    [
        (f"--container-runtime-endpoint={ENDPOINT}", "", "containerd.service"),
        (f"--config={CONFIG}", f"kind: x\ncontainerRuntimeEndpoint: '{ENDPOINT}' # x\n",
         "containerd.service"),
        (f"--config {CONFIG}", "containerRuntimeEndpoint: /var/run/containerd/containerd.sock\n",
         "containerd.service"),
        (f"--config={CONFIG} --container-runtime-endpoint unix:///run/cri-dockerd.sock",
         f"containerRuntimeEndpoint: {ENDPOINT}\n", "docker.service"),
        (f"--container-runtime=remote --container-runtime-endpoint={ENDPOINT}", "",
         "containerd.service"),
        ("--container-runtime=docker", "", "docker.service"),
        ("--container-runtime-endpoint=unix:///var/run/dockershim.sock", "", "docker.service"),
        (f"--config={CONFIG}", 'containerRuntimeEndpoint: ""\n', "containerd.service"),
        ("", "", "docker.service"),
    ],
)  # fmt: skip
def test_engine_is_that_of_the_kubelet(
    machine: FakeMachine, arguments: str, config: str, engine: str
) -> None:
    """Both are installed, as on many nodes, and the kubelet's own arguments decide."""
    machine.write(CONFIG, config)
    set_kubelet(machine, arguments)

    assert service(machine, *BOTH, "kubelet.service") == engine


def test_last_file_of_the_kubelets_directory_decides(machine: FakeMachine) -> None:
    """It overrides the file of --config, since Kubernetes 1.28."""
    directory = "/etc/kubernetes/kubelet.conf.d"
    set_kubelet(machine, f"--config={CONFIG} --config-dir={directory}")
    machine.write(CONFIG, "containerRuntimeEndpoint: /x\n")
    machine.write(f"{directory}/10-a.conf", "containerRuntimeEndpoint: /y\n")
    machine.write(f"{directory}/20-b.conf", f"containerRuntimeEndpoint: {ENDPOINT}\n")
    machine.write(f"{directory}/30-c.conf", "maxPods: 10\n")

    assert service(machine, *BOTH, "kubelet.service") == "containerd.service"


@pytest.mark.parametrize("version", ["1.23.17", "unknown"])
def test_old_kubelet_without_settings_uses_what_is_installed(
    machine: FakeMachine, version: str
) -> None:
    set_kubelet(machine, "--v=0", version)

    assert service(machine, *BOTH, "kubelet.service") == "docker.service"
    assert service(machine, BOTH[1], "kubelet.service") == "containerd.service"


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ('--container-runtime "remote"\n--container-runtime-endpoint "unix:///var/run/containerd/'
         'containerd.sock"\n', "containerd.service"),
        ("--container-runtime=docker\n--v=0\n", "docker.service"),
    ],
)  # fmt: skip
def test_kubelet_of_charmed_kubernetes_has_its_arguments_in_a_file(
    machine: FakeMachine, text: str, engine: str
) -> None:
    machine.write("/var/snap/kubelet/current/args", text)

    assert service(machine, *BOTH, "snap.kubelet.daemon.service") == engine


@pytest.mark.parametrize(
    "address", ["", "/run/containerd/containerd.sock", "/lab/run/containerd/containerd.sock"]
)
def test_snap_k8s_uses_its_own_containerd(machine: FakeMachine, address: str) -> None:
    """Also before the node joins a cluster, and with another base directory."""
    if address:
        machine.write("/var/snap/k8s/common/args/containerd", f"--address={address}\n")
        text = f"--container-runtime-endpoint={address}\n"
        machine.write("/var/snap/k8s/common/args/kubelet", text)

    assert service(machine, *BOTH, SNAP, "snap.k8s.kubelet.service") == SNAP


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        ("k3s.service", "the containerd of k3s is not supported"),
        ("k3s-agent.service", "the containerd of k3s is not supported"),
        ("rke2-server.service", "the containerd of rke2 is not supported"),
        ("rke2-agent.service", "the containerd of rke2 is not supported"),
        ("snap.microk8s.daemon-containerd.service", "the containerd of microk8s is not supported"),
    ],
)
def test_distributions_with_a_containerd_of_their_own_are_refused(
    machine: FakeMachine, loaded: str, message: str
) -> None:
    """Instead of waiting for ever; also where docker is installed for other purposes."""
    for names in ((loaded,), (loaded, *BOTH)):
        error = refusal(machine, *names)

        assert isinstance(error, BlockedError)
        assert str(error) == f"{message}: remove this charm, {GUIDE}"


def test_docker_snap_is_refused(machine: FakeMachine) -> None:
    set_kubelet(machine, "--container-runtime=docker")
    snap = "snap.docker.dockerd.service"
    for loaded in ((snap,), (snap, "kubelet.service", "containerd.service")):
        error = refusal(machine, *loaded)

        assert isinstance(error, BlockedError)
        assert str(error) == (
            "the docker snap is not supported: run snap remove docker, apt install docker.io"
        )


def test_other_engine_of_the_kubelet_is_refused(machine: FakeMachine) -> None:
    set_kubelet(machine, "--container-runtime-endpoint=unix:///var/run/crio/crio.sock")
    error = refusal(machine, *BOTH, "kubelet.service")

    assert isinstance(error, BlockedError)
    assert str(error) == (
        f"the kubelet uses /var/run/crio/crio.sock, which is not supported: {GUIDE}"
    )


def test_engine_that_is_not_installed_is_awaited(machine: FakeMachine) -> None:
    error = refusal(machine)
    assert isinstance(error, WaitingError)
    assert str(error) == "neither docker nor containerd is installed yet"

    set_kubelet(machine, f"--container-runtime-endpoint={ENDPOINT}")
    error = refusal(machine, "docker.service", "kubelet.service")
    assert isinstance(error, WaitingError)
    assert str(error) == "the kubelet uses containerd.service, which is not installed yet"
