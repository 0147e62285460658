"""As much of a charm, related to a control plane, as its access to the cluster needs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from labkube.charm.cluster import RELATIONS

CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"


class Unit(SimpleNamespace):
    """A unit of a model, as ops has it; it is a key of relation data."""

    def __hash__(self) -> int:
        return hash(self.name)

    def is_leader(self) -> bool:
        """Return whether it is the leader."""
        return bool(self.leader)


class Charm:
    """As much of a charm as access needs.

    Args:
        config: The options.
        leader: Whether the unit is the leader.
    """

    def __init__(self, config: dict[str, str] | None = None, leader: bool = True) -> None:
        self.app, self.unit = SimpleNamespace(name="lab"), Unit(name="lab/0", leader=leader)
        self.config = config or {}
        self.model = SimpleNamespace(relations={name: [] for name in RELATIONS})
        self.on = {name: EndpointEvents(name) for name in RELATIONS}

    def relate(self, endpoint: str, *bags: dict[str, str], first: int = 0) -> Any:
        """Relate the charm to an application, whose units are added from the last to the first."""
        units = {Unit(name=f"remote/{first + n}"): bag for n, bag in enumerate(bags)}
        relation = SimpleNamespace(
            id=sum(map(len, self.model.relations.values())),
            units=list(reversed(units)),
            data={**units, self.unit: {}},
        )
        self.model.relations[endpoint].append(relation)
        return relation


class EndpointEvents:
    """The events of an endpoint, which are named after it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def __getattr__(self, name: str) -> str:
        """Return an event."""
        return f"{self._endpoint}:{name}"
