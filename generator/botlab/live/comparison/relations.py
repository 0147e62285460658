"""Differences of relations.

A status names, for each endpoint, the applications at the other end, but not their endpoints. A
relation of the bundle exists if both of its endpoints name the other application. What no
relation of the bundle explains is a relation that only the model has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from ...bundle.model import Bundle
from ...bundle.relation import RelationEnd, parse_relation_end
from ...juju import Juju
from ...plan.difference import Delta
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage


class _Link(NamedTuple):
    """An endpoint of an application, and the application at the other end of its relation."""

    end: RelationEnd
    partner: str


@dataclass(frozen=True, slots=True)
class RelationDifferences:
    """The result of the comparison.

    Attributes:
        differences: The differences.
        existing: The relations that the model has, each as its two ends.
        notes: What the status leaves open.
    """

    differences: Sequence[Difference]
    existing: Sequence[tuple[str, str]]
    notes: Sequence[str]


def relation_differences(
    bundle: Bundle, nodes: Mapping[str, JsonObject], remote: Sequence[str], juju: Juju
) -> RelationDifferences:
    """Compare the relations between applications that both the bundle and the model have.

    Args:
        bundle: The bundle.
        nodes: The applications of the status document by name.
        remote: The names of the consumed offers of other models, which have no endpoints.
        juju: The release of the controller.
    """
    links = _links(nodes)
    names = {*nodes, *remote}
    differences: list[Difference] = []
    existing: list[tuple[str, str]] = []
    unexplained = dict(links)
    for first, second in _relations(bundle):
        if not {first.application, second.application} <= names:
            continue
        matched = _matched(first, second, links, remote)
        for link in matched or ():
            unexplained.pop(link, None)
        if matched:
            existing.append(_exact_ends(matched, first, second))
        else:
            differences.append(_added(first, second, juju))
    both = {name for name in bundle.applications if name in nodes} | {*bundle.saas}
    removed, notes = _removed(unexplained, both, remote)
    return RelationDifferences([*differences, *removed], existing, notes)


def _relations(bundle: Bundle) -> Iterator[tuple[RelationEnd, RelationEnd]]:
    for pair in bundle.relations:
        ends = [parse_relation_end(text) for text in pair]
        if len(ends) == 2 and ends[0] and ends[1]:
            yield ends[0], ends[1]


def _links(nodes: Mapping[str, JsonObject]) -> dict[_Link, str]:
    """Return the links of a status with their interfaces, which 2.x does not name.

    A relation of an application with itself is one of its peers.
    """
    links: dict[_Link, str] = {}
    for name, fields in nodes.items():
        endpoints = cast("Mapping[str, Sequence[object]]", fields.get("relations") or {})
        for endpoint, entries in endpoints.items():
            for entry in entries:
                partner, interface = _partner(entry)
                if partner != name:
                    links[_Link(RelationEnd(name, endpoint), partner)] = interface
    return links


def _partner(entry: object) -> tuple[str, str]:
    """Return the application of an entry, which is an object in Juju 3 and a name in Juju 2."""
    if isinstance(entry, dict):
        fields = cast("JsonObject", entry)
        return str(fields.get("related-application")), str(fields.get("interface") or "")
    return str(entry), ""


def _matched(
    first: RelationEnd,
    second: RelationEnd,
    links: Mapping[_Link, str],
    remote: Sequence[str],
) -> list[_Link]:
    """Return the links that a relation of the bundle explains; empty if it does not exist."""
    matched: list[_Link] = []
    for end, partner in ((first, second), (second, first)):
        if end.application in remote:
            continue
        candidates = [
            link
            for link in links
            if link.end.application == end.application
            and link.partner == partner.application
            and end.relation in ("", link.end.relation)
        ]
        if not candidates:
            return []
        matched.append(candidates[0])
    return matched


def _exact_ends(
    matched: Sequence[_Link], first: RelationEnd, second: RelationEnd
) -> tuple[str, str]:
    """Return the ends of an existing relation with the endpoints that Juju chose."""
    ends = {link.end.application: link.end for link in matched}
    return (
        str(ends.get(first.application, first)),
        str(ends.get(second.application, second)),
    )


def _added(first: RelationEnd, second: RelationEnd, juju: Juju) -> Difference:
    verb = "integrate" if juju >= Juju.V3_6 else "relate"
    command = JujuCommand(
        Stage.RELATIONS,
        verb,
        (str(first), str(second)),
        (),
        "the site has this relation",
        is_part_of_deploy=True,
    )
    delta = Delta("added", "relation", _name(str(first), str(second)))
    return Difference(delta, (command,))


def _removed(
    unexplained: Mapping[_Link, str], both: set[str], remote: Sequence[str]
) -> tuple[list[Difference], list[str]]:
    """Return the relations that only the model has, and notes about unclear endpoints.

    The relations of an application that only the model has end with it.
    """
    differences: list[Difference] = []
    notes: list[str] = []
    waiting = {
        link: interface
        for link, interface in unexplained.items()
        if link.end.application in both and link.partner in both
    }
    while waiting:
        link = next(iter(waiting))
        interface = waiting.pop(link)
        counterparts = _counterparts(link, interface, waiting)
        if len(counterparts) > 1:
            notes.append(_ambiguity(link, counterparts))
        for counterpart in counterparts[:1]:
            del waiting[counterpart]
        is_remote = link.partner in remote
        other_end = str(counterparts[0].end) if counterparts else link.partner
        if counterparts or is_remote:
            differences.append(_removal(*sorted((str(link.end), other_end))))
    return differences, notes


def _counterparts(link: _Link, interface: str, links: Mapping[_Link, str]) -> list[_Link]:
    """Return the links that can be the other end of a link, those of the same name first."""
    candidates = [
        candidate
        for candidate, other_interface in links.items()
        if candidate.end.application == link.partner
        and candidate.partner == link.end.application
        and interface == other_interface
    ]
    same = [link_ for link_ in candidates if link_.end.relation == link.end.relation]
    return same or candidates


def _ambiguity(link: _Link, counterparts: Sequence[_Link]) -> str:
    names = ", ".join(str(counterpart.end) for counterpart in counterparts)
    return f"the status does not show which of {names} is related to {link.end}"


def _removal(first: str, second: str) -> Difference:
    why = "the site does not have this relation, and deploy never removes one"
    command = JujuCommand(Stage.REMOVE_RELATIONS, "remove-relation", (first, second), (), why)
    return Difference(Delta("removed", "relation", _name(first, second)), (command,))


def _name(first: str, second: str) -> str:
    return " ".join(sorted((first, second)))
