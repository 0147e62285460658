"""The facts about a charm at a revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["provides", "requires", "peers"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of a charm. The scope is ``global`` or ``container``."""

    name: str
    role: Role
    interface: str
    scope: Literal["global", "container"] = "global"


# The endpoint that every charm provides without naming it. Its scope is global (juju/juju
# state/application.go Endpoints): the charm at the other end decides whether units share a
# machine.
JUJU_INFO = Endpoint("juju-info", "provides", "juju-info")


@dataclass(frozen=True, slots=True)
class Option:
    """A config option. The type is string, int, float, boolean or secret."""

    name: str
    type: str
    default: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True)
class Charm:
    """The facts about a charm that rules and plans need.

    Attributes:
        name: The charm's name.
        subordinate: Whether it is a subordinate.
        endpoints: Its endpoints by name, without the implicit ``juju-info``.
        options: Its config options by name.
        resources: The names of its resources.
        resource_files: The file names that it gives to resources, by resource.
        offline_resources: The resources that it needs on a machine without Internet access.
            ``{arch}`` stands for the machine's architecture.
        series: The series that it names; empty when it names none.
        bases: The bases that it names; empty when it names none.
        storage: The names of its storages.
        extra_bindings: The names of its extra bindings.
    """

    name: str
    subordinate: bool = False
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    resources: tuple[str, ...] = ()
    resource_files: Mapping[str, str] = field(default_factory=dict[str, str])
    offline_resources: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    extra_bindings: tuple[str, ...] = ()
