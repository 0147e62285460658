"""The overview of a lab as typed data, with its stable JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from ..wait.missing import MissingJson
from ..wait.outcome import CountJson, count_json
from ..wait.readiness import Readiness


class MachineJson(TypedDict):
    """The JSON form of a machine or container."""

    name: str
    host: str
    state: str
    addresses: list[str]
    units: list[str]


class NodeJson(TypedDict):
    """The JSON form of a node of the cluster."""

    name: str
    ready: bool
    version: str
    fits_channel: bool | None
    gpus_allocatable: int
    gpus_used: int


class StorageClassJson(TypedDict):
    """The JSON form of a storage class."""

    name: str
    default: bool


class PoolJson(TypedDict):
    """The JSON form of an address pool. ``used`` and ``free`` are null if they are not known."""

    application: str
    name: str
    ranges: list[str]
    total: int
    used: int | None
    free: int | None


class ClusterJson(TypedDict):
    """The JSON form of the cluster. It is null if the cluster could not be read."""

    server: str
    version: str
    nodes: list[NodeJson]
    storage_classes: list[StorageClassJson]


class OverviewJson(TypedDict):
    """The stable JSON form of an overview.

    ``ok`` is true if nothing is missing and there are no problems. ``cluster`` is null if the
    cluster could not be read; then ``cluster_problem`` says why. ``kubeflow_url`` is empty while
    it is not known. ``missing`` and ``notes`` are those of ``botlab wait --format json``.
    """

    ok: bool
    lab: str
    model: str
    controller: str
    juju: str
    channel: str
    machines: list[MachineJson]
    applications: dict[str, CountJson]
    cluster: ClusterJson | None
    cluster_problem: str
    pools: list[PoolJson]
    kubeflow_url: str
    problems: list[str]
    missing: list[MissingJson]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A machine or container of the model.

    Attributes:
        name: Its name in the model.
        host: The name of the host; empty until it is known.
        state: ``started``, or what is wrong in Juju's words.
        addresses: Its addresses.
        units: The principal units on it.
        is_container: Whether it is a container.
    """

    name: str
    host: str
    state: str
    addresses: tuple[str, ...]
    units: tuple[str, ...]
    is_container: bool

    def as_json(self) -> MachineJson:
        """Return the JSON form."""
        return {
            "name": self.name,
            "host": self.host,
            "state": self.state,
            "addresses": list(self.addresses),
            "units": list(self.units),
        }


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node of the cluster.

    Attributes:
        name: Its name.
        is_ready: Whether its kubelet is ready.
        version: The version of its kubelet.
        fits_channel: Whether that is the release of the channel; None if none is known.
        gpus_allocatable: How many GPUs pods can use.
        gpus_used: How many GPUs pods hold.
        note: What is special about it, such as why it is not ready; empty for nothing.
    """

    name: str
    is_ready: bool
    version: str
    fits_channel: bool | None
    gpus_allocatable: int = 0
    gpus_used: int = 0
    note: str = ""

    def as_json(self) -> NodeJson:
        """Return the JSON form."""
        return {
            "name": self.name,
            "ready": self.is_ready,
            "version": self.version,
            "fits_channel": self.fits_channel,
            "gpus_allocatable": self.gpus_allocatable,
            "gpus_used": self.gpus_used,
        }


@dataclass(frozen=True, slots=True)
class PoolRow:
    """An address pool.

    Attributes:
        application: The application of MetalLB.
        name: The pool's name.
        ranges: Its ranges of addresses, as written.
        total: How many addresses it has.
        used: How many of them services have; None if the cluster could not be read.
    """

    application: str
    name: str
    ranges: tuple[str, ...]
    total: int
    used: int | None = None

    @property
    def free(self) -> int | None:
        """How many addresses are free; None if it is not known."""
        return None if self.used is None else self.total - self.used

    def as_json(self) -> PoolJson:
        """Return the JSON form."""
        return {
            "application": self.application,
            "name": self.name,
            "ranges": list(self.ranges),
            "total": self.total,
            "used": self.used,
            "free": self.free,
        }


@dataclass(frozen=True, slots=True)
class ClusterState:
    """The cluster.

    Attributes:
        server: The URL of its API.
        version: The version of the API server.
        nodes: Its nodes.
        storage_classes: The names of the storage classes, and whether each is the default.
        problems: What is wrong, with what to do.
    """

    server: str
    version: str
    nodes: tuple[NodeRow, ...]
    storage_classes: tuple[tuple[str, bool], ...]
    problems: tuple[str, ...] = ()

    def as_json(self) -> ClusterJson:
        """Return the JSON form."""
        return {
            "server": self.server,
            "version": self.version,
            "nodes": [node.as_json() for node in self.nodes],
            "storage_classes": [
                {"name": name, "default": is_default} for name, is_default in self.storage_classes
            ],
        }


@dataclass(frozen=True, slots=True)
class Overview:
    """A lab on one screen.

    Attributes:
        lab: The name of the lab.
        model: The name of the model.
        controller: The name of the controller.
        juju: The version of Juju.
        channel: The snap channel of Kubernetes; empty if it is not known.
        machines: The machines and containers of the model.
        readiness: What is ready and what is missing.
        cluster: The cluster; None if it could not be read.
        cluster_problem: Why the cluster could not be read; empty if it was, or there is none.
        pools: The address pools.
        kubeflow_url: The URL of Kubeflow; empty while it is not known.
    """

    lab: str
    model: str
    controller: str
    juju: str
    channel: str
    machines: tuple[MachineRow, ...]
    readiness: Readiness
    cluster: ClusterState | None = None
    cluster_problem: str = ""
    pools: tuple[PoolRow, ...] = ()
    kubeflow_url: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong besides what is missing, with what to do."""
        unread = f"the cluster could not be read: {self.cluster_problem}"
        return (
            *((unread,) if self.cluster_problem else ()),
            *(self.cluster.problems if self.cluster else ()),
        )

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is missing and nothing is wrong."""
        return self.readiness.is_ready and not self.problems

    def as_json(self) -> OverviewJson:
        """Return the stable JSON form."""
        return {
            "ok": self.is_healthy,
            "lab": self.lab,
            "model": self.model,
            "controller": self.controller,
            "juju": self.juju,
            "channel": self.channel,
            "machines": [machine.as_json() for machine in self.machines],
            "applications": {
                name: count_json(count) for name, count in self.readiness.applications.items()
            },
            "cluster": self.cluster.as_json() if self.cluster else None,
            "cluster_problem": self.cluster_problem,
            "pools": [pool.as_json() for pool in self.pools],
            "kubeflow_url": self.kubeflow_url,
            "problems": list(self.problems),
            "missing": [part.as_json() for part in self.readiness.missing],
            "notes": list(self.readiness.notes),
        }
