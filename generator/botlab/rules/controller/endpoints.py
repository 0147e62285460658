"""The endpoints that a relation connects, as each controller infers and refuses them.

Source: state ``InferEndpoints`` up to 3.6, domain/relation/state ``inferEndpoints`` at 4.0.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ...bundle.go_text import quote
from ...bundle.relation import RelationEnd
from ...catalogue.model import JUJU_INFO, Charm, Endpoint
from ...juju import Juju

Ends = tuple[RelationEnd, RelationEnd]
Charms = tuple[Charm, Charm]
EndpointPair = tuple[Endpoint, Endpoint]

# Real charms have three pairs at most. Two charms of some kilobytes can have thousands, so a
# message lists all pairs up to a number, and a few of more.
_MOST_PAIRS = 50
_SHOWN_PAIRS = 5
_OPPOSITE_ROLES = {"provides": "requires", "requires": "provides"}


class ApplicationEndpoint(NamedTuple):
    """An endpoint of an application."""

    application: str
    endpoint: Endpoint

    def __str__(self) -> str:
        return f"{self.application}:{self.endpoint.name}"


Pair = tuple[ApplicationEndpoint, ApplicationEndpoint]


class Inference(NamedTuple):
    """The endpoints of a relation, or the reason why there are none.

    Attributes:
        pair: The endpoints; None when the controller refuses the relation.
        rule_id: The id of the rule that is broken.
        reason: The controller's reason.
    """

    pair: Pair | None = None
    rule_id: str = ""
    reason: str = ""


class Inferrer:
    """Finds the endpoints that relations mean. It remembers what pairs of charms have in common.

    Args:
        juju: The release of the controller.
    """

    def __init__(self, juju: Juju) -> None:
        self._juju = juju
        # The charms are named by their identity, because many applications share a charm.
        self._choices: dict[tuple[int, str, bool], _Choices] = {}
        self._candidates: dict[tuple[int, int, str, str], _Candidates] = {}

    def infer(self, ends: Ends, charms: Charms) -> Inference:
        """Find the endpoints that a relation means.

        Args:
            ends: The ends as the bundle writes them.
            charms: The charms of both applications. They live as long as this object.
        """
        missing = [
            end for end, charm in zip(ends, charms, strict=True) if not _has_endpoint(end, charm)
        ]
        if missing:
            return Inference(None, "J066", self._missing_reason(missing))
        candidates = self._candidates_of(ends, charms)
        if candidates.chosen:
            return Inference(_with_applications(ends, candidates.chosen))
        if not candidates.total:
            is_new = self._juju >= Juju.V4_0
            reason = "no compatible endpoints found between applications"
            return Inference(None, "J068", reason if is_new else "no relations found")
        return Inference(None, "J065", self._ambiguous_reason(ends, candidates))

    def _missing_reason(self, ends: Sequence[RelationEnd]) -> str:
        if self._juju >= Juju.V4_0:
            names = " and ".join(map(str, ends))
            return f"no candidates for {names}: relation endpoint not found"
        end = ends[0]
        return f"application {quote(end.application)} has no {quote(end.relation)} relation"

    def _ambiguous_reason(self, ends: Ends, candidates: _Candidates) -> str:
        pairs = [_with_applications(ends, pair) for pair in candidates.first]
        if self._juju >= Juju.V4_0:
            keys = [f'"{first} {second}"' for first, second in pairs]
        else:
            keys = sorted(quote(relation_key(pair)) for pair in pairs)
        more = candidates.total - len(keys)
        listed = "; ".join([*keys, f"and {more} more"] if more else keys)
        return f"ambiguous relation: {quote(f'{ends[0]} {ends[1]}')} could refer to {listed}"

    def _candidates_of(self, ends: Ends, charms: Charms) -> _Candidates:
        key = (id(charms[0]), id(charms[1]), ends[0].relation, ends[1].relation)
        if key not in self._candidates:
            is_global = not any(charm.subordinate for charm in charms)
            first, second = (
                self._choices_of(end.relation, charm, is_global=is_global)
                for end, charm in zip(ends, charms, strict=True)
            )
            # 4.0 does not prefer explicit endpoints.
            prefers_explicit = self._juju < Juju.V4_0
            self._candidates[key] = _candidates(first, second, prefers_explicit=prefers_explicit)
        return self._candidates[key]

    def _choices_of(self, relation: str, charm: Charm, *, is_global: bool) -> _Choices:
        key = (id(charm), relation, is_global)
        if key not in self._choices:
            self._choices[key] = _choices(relation, charm, is_global=is_global)
        return self._choices[key]


class _Choices(NamedTuple):
    """The endpoints that an end may mean, in the charm's order and by role and interface."""

    endpoints: list[Endpoint]
    groups: dict[tuple[str, str], list[Endpoint]]

    def matches(self, endpoint: Endpoint) -> list[Endpoint]:
        """Return the endpoints that an endpoint of another charm can be related to."""
        role = _OPPOSITE_ROLES.get(endpoint.role, "")
        return self.groups.get((role, endpoint.interface), [])


class _Candidates(NamedTuple):
    """The pairs of endpoints that a relation may mean, without the applications.

    Attributes:
        total: The number of pairs.
        first: All pairs, or a few of too many.
        chosen: The pair that the relation means; None when there is not just one.
    """

    total: int
    first: list[EndpointPair]
    chosen: EndpointPair | None


def _candidates(first: _Choices, second: _Choices, *, prefers_explicit: bool) -> _Candidates:
    """Count the pairs of endpoints, of which there may be too many to build them all."""
    lefts = _lefts(first, second)
    total = sum(len(second.matches(left)) for left in lefts)
    most = total if total <= _MOST_PAIRS else _SHOWN_PAIRS
    chosen = [*itertools.islice(_pairs(lefts, second), 2)]
    if prefers_explicit and len(chosen) > 1:
        # Each end has one implicit endpoint at most, so few pairs come before the second one.
        chosen = [*itertools.islice(filter(_is_explicit, _pairs(lefts, second)), 2)]
    shown = [*itertools.islice(_pairs(lefts, second), most)]
    return _Candidates(total, shown, chosen[0] if len(chosen) == 1 else None)


def _lefts(first: _Choices, second: _Choices) -> list[Endpoint]:
    """Return the endpoints of the first end that may match one of the second end."""
    if len(second.endpoints) != 1:
        return first.endpoints
    return first.matches(second.endpoints[0])


def _pairs(lefts: Iterable[Endpoint], second: _Choices) -> Iterator[EndpointPair]:
    return ((left, right) for left in lefts for right in second.matches(left))


def _choices(relation: str, charm: Charm, *, is_global: bool) -> _Choices:
    """Return the endpoints that an end may mean. Every charm provides juju-info implicitly.

    Args:
        relation: The name of the endpoint; empty for any.
        charm: The charm of the end.
        is_global: Whether the relation cannot have container scope, which only subordinates have.
    """
    endpoints = [*charm.endpoints.values()]
    if relation:
        endpoints = [charm.endpoints.get(relation, JUJU_INFO)]
    elif JUJU_INFO.name not in charm.endpoints:
        endpoints.append(JUJU_INFO)
    if is_global:
        endpoints = [endpoint for endpoint in endpoints if endpoint.scope != "container"]
    groups: dict[tuple[str, str], list[Endpoint]] = {}
    for endpoint in endpoints:
        groups.setdefault((endpoint.role, endpoint.interface), []).append(endpoint)
    return _Choices(endpoints, groups)


def _has_endpoint(end: RelationEnd, charm: Charm) -> bool:
    """Return whether a charm has the endpoint that an end names, if it names one."""
    return end.relation in ("", JUJU_INFO.name) or end.relation in charm.endpoints


def _with_applications(ends: Ends, pair: EndpointPair) -> Pair:
    first, second = map(ApplicationEndpoint, (end.application for end in ends), pair)
    return first, second


def _is_explicit(pair: EndpointPair) -> bool:
    """Return whether none of the endpoints is the implicit one."""
    return not any(endpoint[:3] == JUJU_INFO[:3] for endpoint in pair)


def has_container_scope(pair: Pair) -> bool:
    """Return whether a relation has container scope: one container-scoped end is enough."""
    return any(end.endpoint.scope == "container" for end in pair)


def relation_key(pair: Pair) -> str:
    """Return the name of a relation: the requirer first (state ``relationKey``)."""
    ordered = sorted(pair, key=lambda end: (end.endpoint.role != "requires", str(end)))
    return f"{ordered[0]} {ordered[1]}"
