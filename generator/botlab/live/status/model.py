"""The state of a model: its machines, applications and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """One status of Juju.

    Attributes:
        current: The state, such as ``active``, ``error`` or ``started``. It is ``unknown`` where
            Juju gives none.
        message: The message for people.
        since: The time of the last change, as Juju prints it.
        version: The version of the agent; empty where Juju gives none.
    """

    current: str = "unknown"
    message: str = ""
    since: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """A machine or a container.

    Attributes:
        name: Such as ``3`` or ``0/lxd/1``.
        agent: The status of its Juju agent: ``pending``, ``started``, ``down``, ``stopped`` ...
        instance: The status that the cloud gives: ``allocating``, ``running``,
            ``provisioning error`` ...
        parent: The name of the machine that a container is on; empty for a machine.
        hostname: The name of the host; empty until it is known.
        instance_id: The cloud's name for it; empty or ``pending`` until it is known.
        addresses: Its addresses.
        platform: A base such as ``ubuntu@22.04``, or a series up to Juju 2.9.
        hardware: What Juju knows of the hardware, such as ``arch`` and ``cores``.
        constraints: The machine's constraints, as text.
        life: ``alive``, ``dying`` or ``dead``; ``alive`` where Juju gives none.
    """

    name: str
    agent: StatusInfo = StatusInfo()
    instance: StatusInfo = StatusInfo()
    parent: str = ""
    hostname: str = ""
    instance_id: str = ""
    addresses: tuple[str, ...] = ()
    platform: str = ""
    hardware: Mapping[str, str] = field(default_factory=dict[str, str])
    constraints: str = ""
    life: str = "alive"


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """A unit, of a principal application or of a subordinate.

    Attributes:
        name: Such as ``metallb/0``.
        application: The application's name.
        workload: The status that the charm sets.
        agent: The status of its Juju agent: ``allocating``, ``executing``, ``idle``, ``lost`` ...
        machine: The name of the machine or container it is on; empty until it is known. A
            subordinate is on the machine of its principal.
        principal: The principal unit of a subordinate; empty for a principal.
        is_leader: Whether it is the leader of its application.
        public_address: Its public address; empty until it is known.
        open_ports: Its open ports, as Juju prints them.
        life: ``alive``, ``dying`` or ``dead``; ``alive`` where Juju gives none.
    """

    name: str
    application: str
    workload: StatusInfo = StatusInfo()
    agent: StatusInfo = StatusInfo()
    machine: str = ""
    principal: str = ""
    is_leader: bool = False
    public_address: str = ""
    open_ports: tuple[str, ...] = ()
    life: str = "alive"


@dataclass(frozen=True, slots=True)
class ApplicationStatus:
    """An application.

    Attributes:
        name: Its name.
        charm: The charm's URL or name, as Juju prints it.
        origin: ``charmhub``, ``charmstore``, ``local`` ...
        channel: The charm's channel; empty for a local charm.
        revision: The charm's revision; -1 where Juju gives none.
        platform: A base such as ``ubuntu@22.04``, or a series up to Juju 2.9.
        is_exposed: Whether it is exposed.
        status: The status of the application.
        workload_version: The version of the software that the charm reports.
        principals: The applications that it is subordinate to; empty for a principal.
        units: The names of its units, in the order of their numbers.
        life: ``alive``, ``dying`` or ``dead``; ``alive`` where Juju gives none.
    """

    name: str
    charm: str = ""
    origin: str = ""
    channel: str = ""
    revision: int = -1
    platform: str = ""
    is_exposed: bool = False
    status: StatusInfo = StatusInfo()
    workload_version: str = ""
    principals: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    life: str = "alive"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The state of a model at one moment.

    Attributes:
        name: The name of the model.
        controller: The name of the controller.
        cloud: The name of the cloud.
        kind: ``iaas`` for machines, ``caas`` for Kubernetes.
        version: The version of the model's agents.
        machines: The machines and containers by name; a container follows its machine.
        applications: The applications by name.
        units: All units by name, subordinates too, in the order of the applications.
        document: The status in the form of ``juju status --format json`` of the release.
    """

    name: str
    controller: str = ""
    cloud: str = ""
    kind: str = "iaas"
    version: str = ""
    machines: Mapping[str, MachineStatus] = field(default_factory=dict[str, MachineStatus])
    applications: Mapping[str, ApplicationStatus] = field(
        default_factory=dict[str, ApplicationStatus]
    )
    units: Mapping[str, UnitStatus] = field(default_factory=dict[str, UnitStatus])
    document: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_kubernetes(self) -> bool:
        """Whether the units are pods of a Kubernetes cluster, which are on no machine of Juju."""
        return self.kind == "caas"
