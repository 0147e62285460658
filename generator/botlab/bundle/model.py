"""The data of a bundle, with the names of Juju's bundle format."""

from __future__ import annotations

from dataclasses import dataclass, field

# The type of a bundle for Kubernetes models.
KUBERNETES = "kubernetes"


@dataclass(slots=True)
class Exposure:
    """The networks that may reach an exposed endpoint."""

    spaces: list[str] = field(default_factory=list[str])
    cidrs: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Offer:
    """A cross-model offer of an application."""

    endpoints: list[str] = field(default_factory=list[str])
    acl: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Application:
    """An entry of ``applications``. Fields that are not set are empty.

    ``num_units`` also holds the number that ``scale`` gives. ``options`` holds YAML values (str,
    int, float, bool, None, list, dict).
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
    """An entry of ``machines``."""

    constraints: str = ""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    series: str = ""
    base: str = ""


@dataclass(slots=True)
class Bundle:
    """A bundle with its overlays merged.

    An application or machine whose body is null is ``None``, since Juju has rules about it.
    ``directory`` is where relative charm paths start.
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
    directory: str = ""
