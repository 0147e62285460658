"""Find out which engine a machine runs."""

from typing import List, Set

from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.containerd import Containerd
from nvidia_runtime.engine.docker import Docker
from nvidia_runtime.engine.kubelet import K8S_SNAP, KUBELETS, engine_of, loaded_units
from reconciler import installation

# Kubernetes distributions that write the configuration of a containerd of their own from a
# template at each start. Their kubelet is part of their program.
_DISTRIBUTIONS = {
    "k3s.service": "k3s",
    "k3s-agent.service": "k3s",
    "rke2-server.service": "rke2",
    "rke2-agent.service": "rke2",
    "snap.microk8s.daemon-containerd.service": "microk8s",
}
_DOCKER_SNAP = "snap.docker.dockerd.service"
_CONTAINERD = ("/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock")
_GUIDE = "see docs/how-to/gpu-runtime.md"


def all_engines(machine: Machine, source: str) -> List[Engine]:
    """Return every engine that the charm can configure, docker first.

    Args:
        machine: The machine.
        source: The directory that holds the package `reconciler`.
    """
    return [
        Docker(machine, source),
        Containerd(machine, source),
        Containerd(machine, source, installation.K8S_SNAP),
    ]


def find_engine(machine: Machine, source: str) -> Engine:
    """Return the engine that the kubelet uses.

    While no kubelet decides it, it is docker if that is installed, else containerd, because
    docker brings a containerd of its own.

    Raises:
        BlockedError: When the machine runs an engine that the charm does not configure.
        WaitingError: While the engine is not installed.
    """
    engines = {engine.service: engine for engine in all_engines(machine, source)}
    kubelets = [kubelet.service for kubelet in KUBELETS]
    loaded = loaded_units(machine, [*engines, *kubelets, *_DISTRIBUTIONS, _DOCKER_SNAP])
    service = _service_of_kubelet(machine, loaded)
    if not service:
        _refuse_distributions(loaded)
    usable = [name for name in engines if name in loaded and service in ("", name)]
    if usable:
        return engines[usable[0]]
    if service in ("", "docker.service") and _DOCKER_SNAP in loaded:
        # Its confinement hides the machine's driver and runtime.
        fix = "run snap remove docker, apt install docker.io"
        raise BlockedError(f"the docker snap is not supported: {fix}")
    if service:
        raise WaitingError(f"the kubelet uses {service}, which is not installed yet")
    raise WaitingError("neither docker nor containerd is installed yet")


def _service_of_kubelet(machine: Machine, loaded: Set[str]) -> str:
    """Return the systemd unit of the engine that the kubelet uses; empty while nothing says it."""
    for kubelet in KUBELETS:
        if kubelet.service not in loaded:
            continue
        address = engine_of(machine, kubelet)
        snap = installation.K8S_SNAP
        if kubelet == K8S_SNAP and _path(address) in ("", snap.address(machine)):
            return snap.service
        if address:
            return _service_at(address)
    return ""


def _service_at(address: str) -> str:
    """Return the systemd unit of the engine at an address that the kubelet uses."""
    if address == "docker":
        return "docker.service"
    if _path(address) in _CONTAINERD:
        return installation.DISTRIBUTION.service
    raise BlockedError(f"the kubelet uses {_path(address)}, which is not supported: {_GUIDE}")


def _path(address: str) -> str:
    return address.rpartition("://")[2]


def _refuse_distributions(loaded: Set[str]) -> None:
    for service, name in _DISTRIBUTIONS.items():
        if service in loaded:
            fix = "remove this charm"
            raise BlockedError(f"the containerd of {name} is not supported: {fix}, {_GUIDE}")
