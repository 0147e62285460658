"""What a charm at a revision offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["provides", "requires", "peers"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of a charm; ``scope`` is ``global`` or ``container``."""

    name: str
    role: Role
    interface: str
    scope: Literal["global", "container"] = "global"


# The endpoint that every charm provides without naming it.
JUJU_INFO = Endpoint("juju-info", "provides", "juju-info", "container")


@dataclass(frozen=True, slots=True)
class Option:
    """One config option; ``type`` is string, int, float, boolean or secret."""

    name: str
    type: str
    default: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True)
class Charm:
    """The facts of one charm that rules and plans need.

    ``endpoints`` leaves out the implicit ``juju-info``; ``series`` and ``bases`` are empty when
    the charm names none; ``storage`` and ``extra_bindings`` hold names only. ``files`` holds the
    file name that the charm gives each resource, where it is known; ``offline`` names the
    resources that a machine without a way out needs, ``{arch}`` standing for its architecture.
    """

    name: str
    subordinate: bool = False
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    resources: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    offline: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    extra_bindings: tuple[str, ...] = ()
