"""A bundle as data, in the terms of Juju's bundle format."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Exposure:
    """Who may reach one exposed endpoint."""

    spaces: list[str] = field(default_factory=list[str])
    cidrs: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Offer:
    """One cross-model offer of an application."""

    endpoints: list[str] = field(default_factory=list[str])
    acl: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Application:
    """One entry of ``applications``; a field that is absent has its empty value.

    ``num_units`` also carries ``scale``. ``options`` holds plain YAML values (str, int, float,
    bool, None, list, dict).
    """

    charm: str = ""
    channel: str = ""
    revision: int | None = None
    series: str = ""
    base: str = ""
    resources: dict[str, int | str | None] = field(default_factory=dict[str, int | str | None])
    num_units: int = 0
    to: list[str] = field(default_factory=list[str])
    placement: str = ""
    expose: bool = False
    exposed_endpoints: dict[str, Exposure] = field(default_factory=dict[str, Exposure])
    options: dict[str, object] = field(default_factory=dict[str, object])
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    constraints: str = ""
    storage: dict[str, str] = field(default_factory=dict[str, str])
    devices: dict[str, str] = field(default_factory=dict[str, str])
    bindings: dict[str, str] = field(default_factory=dict[str, str])
    offers: dict[str, Offer] = field(default_factory=dict[str, Offer])
    plan: str = ""
    trust: bool = False


@dataclass(slots=True)
class Machine:
    """One entry of ``machines``."""

    constraints: str = ""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    series: str = ""
    base: str = ""


@dataclass(slots=True)
class Bundle:
    """A whole bundle document (base plus overlays, merged).

    A null application or machine body is kept as ``None``, since Juju has rules about it.
    ``folder`` is the folder that relative charm paths start from.
    """

    type: str = ""
    applications: dict[str, Application | None] = field(
        default_factory=dict[str, "Application | None"]
    )
    machines: dict[str, Machine | None] = field(default_factory=dict[str, "Machine | None"])
    saas: dict[str, str] = field(default_factory=dict[str, str])
    series: str = ""
    default_base: str = ""
    relations: list[list[str]] = field(default_factory=list[list[str]])
    tags: list[str] = field(default_factory=list[str])
    description: str = ""
    folder: str = ""
