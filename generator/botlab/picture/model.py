"""What a picture of a lab shows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ..bundle.relation import RelationEnd


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 machine``, ``1,000 machines``, ``2 addresses``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith('s') else 's'}"


def numbered(machine: str) -> str:
    """Return the name of a machine that has only its number in Juju."""
    return f"machine {machine}" if machine.isdecimal() else machine


class Health(enum.Enum):
    """The health of a part of a running lab. ``PLANNED`` is a part of a lab that is not running.

    ``ABSENT`` is a part of the bundle that the model does not have.
    """

    PLANNED = "planned"
    READY = "ready"
    BUSY = "busy"
    BLOCKED = "blocked"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class State:
    """The state of a part.

    Attributes:
        health: Its health.
        text: What is wrong, such as ``blocked: set addresses``; empty if nothing is.
    """

    health: Health = Health.PLANNED
    text: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words by which the search finds parts in this state; none for a planned part."""
        return () if self.health is Health.PLANNED else (self.health.value, self.text)


PLANNED = State()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, or units of machines that are alike.

    Attributes:
        name: Its name, or a text such as ``etcd/[0-2]`` for several.
        application: The name of its application.
        state: Its state.
        subordinates: The units of subordinates beside it.
        members: The names of all units that it stands for.
    """

    name: str
    application: str
    state: State = PLANNED
    subordinates: tuple[Unit, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """A container on a machine.

    Attributes:
        name: Its name in Juju, such as ``0/lxd/1``.
        kind: Its kind, such as ``lxd``.
        units: The units in it.
        state: Its state.
        addresses: Its addresses.
    """

    name: str
    kind: str
    units: tuple[Unit, ...] = ()
    state: State = PLANNED
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, or several that are alike.

    Attributes:
        key: Its number in the bundle or the model.
        name: Its name in the site, or else its host name, or such as ``machine 3``.
        addresses: Its addresses.
        hardware: What is known of its hardware, in short texts.
        gpus: What is known of its GPUs, such as ``GPU`` or ``2 GPUs``; empty for none.
        rack: The zone of MAAS that it is in; empty if none is known.
        units: The units on the machine itself.
        containers: Its containers.
        state: Its state.
        members: The names of all machines that it stands for.
        aliases: Further names by which the search finds it, such as its host name.
    """

    key: str
    name: str
    addresses: tuple[str, ...] = ()
    hardware: tuple[str, ...] = ()
    gpus: str = ""
    rack: str = ""
    units: tuple[Unit, ...] = ()
    containers: tuple[Container, ...] = ()
    state: State = PLANNED
    members: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names by which people know it: those that it has in the site, Juju and DNS."""
        return (self.name, *self.members, numbered(self.key), *self.addresses, *self.aliases)

    @property
    def all_units(self) -> tuple[Unit, ...]:
        """The units on the machine and in its containers."""
        return (*self.units, *(unit for inner in self.containers for unit in inner.units))


@dataclass(frozen=True, slots=True)
class Application:
    """An application, or a remote application that another model offers.

    Attributes:
        name: Its name.
        charm: Its charm with the channel, or the URL of the offer.
        units: The number of its units; 0 for a subordinate and a remote application.
        is_subordinate: Whether its charm is a subordinate.
        is_exposed: Whether it is exposed.
        is_remote: Whether another model offers it.
        state: A state beside those of its units, such as that it is not in the model.
    """

    name: str
    charm: str = ""
    units: int = 0
    is_subordinate: bool = False
    is_exposed: bool = False
    is_remote: bool = False
    state: State = PLANNED


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of two applications.

    Attributes:
        left: One end.
        right: The other end.
        interface: The interface; empty if it is not known.
        is_local: Whether it connects units on the same machine only.
    """

    left: RelationEnd
    right: RelationEnd
    interface: str = ""
    is_local: bool = False

    @property
    def ends(self) -> tuple[RelationEnd, RelationEnd]:
        """Both ends."""
        return self.left, self.right


@dataclass(frozen=True, slots=True)
class Resource:
    """A network, an address pool or storage.

    Attributes:
        kind: What it is, in words.
        name: Its name.
        lines: What is known about it.
        application: The application that provides it; empty for none.
    """

    kind: str
    name: str
    lines: tuple[str, ...] = ()
    application: str = ""


@dataclass(frozen=True, slots=True)
class LabPicture:
    """What a picture of a lab shows.

    Attributes:
        title: The name of the lab.
        facts: Short texts about the lab as a whole.
        machines: The machines, in the order of their numbers.
        applications: The applications, in the order of the bundle.
        relations: The relations.
        resources: The networks, address pools and storage.
        problems: What is not as it should be in a running lab.
        is_live: Whether it shows a running lab.
    """

    title: str
    facts: tuple[str, ...] = ()
    machines: tuple[Machine, ...] = ()
    applications: tuple[Application, ...] = ()
    relations: tuple[Relation, ...] = ()
    resources: tuple[Resource, ...] = ()
    problems: tuple[State, ...] = ()
    is_live: bool = False
