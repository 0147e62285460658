"""The facts about a charm at a revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Role = Literal["provides", "requires", "peers"]


class Endpoint(NamedTuple):
    """An endpoint of a charm. The scope is ``global`` or ``container``.

    ``limit`` is the largest number of relations that the charm allows; 0 when it names none.
    """

    name: str
    role: Role
    interface: str
    scope: Literal["global", "container"] = "global"
    limit: int = 0


# The endpoint that every charm provides without naming it. Its scope is global (juju/juju
# state/application.go Endpoints): the charm at the other end decides whether units share a
# machine.
JUJU_INFO = Endpoint("juju-info", "provides", "juju-info")


class Option(NamedTuple):
    """A config option. The type is string, int, float, boolean or secret."""

    name: str
    type: str
    default: str | int | float | bool | None = None


class Storage(NamedTuple):
    """A storage of a charm.

    Attributes:
        name: Its name.
        type: ``filesystem`` or ``block``; empty when it is not known.
        minimum: The smallest number of instances for a unit.
        maximum: The largest number of instances for a unit; None when there is no limit.
    """

    name: str
    type: str = ""
    minimum: int = 1
    maximum: int | None = 1


class ManifestBase(NamedTuple):
    """A base of a charm's manifest: ``ubuntu``, ``22.04`` and the architectures."""

    name: str
    channel: str
    architectures: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}@{self.channel.partition('/')[0]}"


@dataclass(frozen=True, slots=True)
class Charm:
    """The facts about a charm that rules and plans need.

    Attributes:
        name: The charm's name.
        subordinate: Whether it is a subordinate.
        endpoints: Its endpoints by name, without the implicit ``juju-info``.
        options: Its config options by name.
        actions: The parameters of its actions, by action.
        resources: The names of its resources.
        resource_files: The file names that it gives to resources, by resource.
        resource_types: The types of its resources by name, ``file`` or ``oci-image``. A resource
            whose type is not known is missing.
        offline_resources: The resources that it needs on a machine without Internet access.
            ``{arch}`` stands for the machine's architecture.
        series: The series that its metadata names; empty when it names none.
        bases: The bases that it names, such as ``ubuntu@22.04``; empty when it names none.
        manifest: The bases of its manifest with their architectures; None when it is not known.
        storage: Its storages by name.
        storage_is_exact: Whether the counts and types of ``storage`` are the charm's.
        extra_bindings: The names of its extra bindings.
        has_lxd_profile: Whether it has a profile for LXD containers; None when it is not known.
    """

    name: str
    subordinate: bool = False
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    resources: tuple[str, ...] = ()
    resource_files: Mapping[str, str] = field(default_factory=dict[str, str])
    resource_types: Mapping[str, str] = field(default_factory=dict[str, str])
    offline_resources: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    manifest: tuple[ManifestBase, ...] | None = None
    storage: Mapping[str, Storage] = field(default_factory=dict[str, Storage])
    storage_is_exact: bool = False
    extra_bindings: tuple[str, ...] = ()
    has_lxd_profile: bool | None = None

    @property
    def architectures(self) -> frozenset[str]:
        """The architectures of its manifest; empty when they are not known."""
        return frozenset(arch for base in self.manifest or () for arch in base.architectures)
