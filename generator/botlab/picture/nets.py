"""Relations as nets: all relations of one endpoint share a line, as wires in a circuit diagram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..bundle.relation import RelationEnd
from .model import Relation


@dataclass(frozen=True, slots=True)
class Net:
    """An endpoint with its relations.

    Attributes:
        hub: The endpoint that all its relations have.
        spokes: The endpoint at the other end of each relation.
        positions: The position of each relation in the picture's relations.
    """

    hub: RelationEnd
    spokes: tuple[RelationEnd, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """A place on the card of an application where the line of a net ends.

    Attributes:
        end: The endpoint.
        net: The number of the net.
        partners: The applications at the other ends.
    """

    end: RelationEnd
    net: int
    partners: tuple[str, ...]


def nets_of(relations: Sequence[Relation]) -> list[Net]:
    """Return the nets of relations. Each relation belongs to its end with more relations."""
    counts = Counter(end for relation in relations for end in relation.ends)
    members: dict[RelationEnd, list[tuple[RelationEnd, int]]] = {}
    for position, relation in enumerate(relations):
        hub, spoke = sorted(relation.ends, key=lambda end: -counts[end])
        members.setdefault(hub, []).append((spoke, position))
    return [
        Net(hub, tuple(spoke for spoke, _ in pairs), tuple(position for _, position in pairs))
        for hub, pairs in members.items()
    ]


def ports_of(nets: Sequence[Net]) -> dict[str, list[Port]]:
    """Return the ports of each application, in the order of the nets."""
    ports: dict[str, list[Port]] = {}
    for number, net in enumerate(nets):
        partners = tuple(dict.fromkeys(spoke.application for spoke in net.spokes))
        ports.setdefault(net.hub.application, []).append(Port(net.hub, number, partners))
        for spoke in dict.fromkeys(net.spokes):
            port = Port(spoke, number, (net.hub.application,))
            ports.setdefault(spoke.application, []).append(port)
    return ports
