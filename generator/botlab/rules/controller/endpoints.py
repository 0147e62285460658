"""The endpoints that a relation connects, as each controller infers and refuses them.

Source: state ``InferEndpoints`` up to 3.6, domain/relation/state ``inferEndpoints`` at 4.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...bundle.go_text import quote
from ...bundle.relation import RelationEnd
from ...catalogue.model import JUJU_INFO, Charm, Endpoint
from ...juju import Juju

Ends = tuple[RelationEnd, RelationEnd]


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


def infer(ends: Ends, charms: tuple[Charm, Charm], juju: Juju) -> Inference:
    """Find the endpoints that a relation means.

    Args:
        ends: The ends as the bundle writes them.
        charms: The charms of both applications.
        juju: The release of the controller.
    """
    choices = [_choices(end, charm) for end, charm in zip(ends, charms, strict=True)]
    if juju >= Juju.V4_0:
        return _infer_4(ends, charms, choices)
    for end, endpoints in zip(ends, choices, strict=True):
        if not endpoints:
            name = quote(end.application)
            reason = f"application {name} has no {quote(end.relation)} relation"
            return Inference(None, "J066", reason)
    pairs = _pairs(choices, charms)
    explicit = [pair for pair in pairs if not any(_is_implicit(end) for end in pair)]
    for candidates in (pairs, explicit):
        if len(candidates) == 1:
            return Inference(candidates[0])
    if not pairs:
        return Inference(None, "J068", "no relations found")
    keys = sorted(quote(relation_key(pair)) for pair in pairs)
    names = quote(f"{ends[0]} {ends[1]}")
    reason = f"ambiguous relation: {names} could refer to {'; '.join(keys)}"
    return Inference(None, "J065", reason)


def _infer_4(
    ends: Ends, charms: tuple[Charm, Charm], choices: list[list[ApplicationEndpoint]]
) -> Inference:
    """Find the endpoints as 4.0 does, which does not prefer explicit endpoints."""
    missing = [str(end) for end, found in zip(ends, choices, strict=True) if not found]
    if missing:
        reason = f"no candidates for {' and '.join(missing)}: relation endpoint not found"
        return Inference(None, "J066", reason)
    pairs = _pairs(choices, charms)
    if len(pairs) == 1:
        return Inference(pairs[0])
    if not pairs:
        reason = "no compatible endpoints found between applications"
        return Inference(None, "J068", reason)
    keys = "; ".join(f'"{first} {second}"' for first, second in pairs)
    names = quote(f"{ends[0]} {ends[1]}")
    return Inference(None, "J065", f"ambiguous relation: {names} could refer to {keys}")


def _choices(end: RelationEnd, charm: Charm) -> list[ApplicationEndpoint]:
    """Return the endpoints that an end may mean. Every charm provides juju-info implicitly."""
    endpoints = [*charm.endpoints.values()]
    if JUJU_INFO.name not in charm.endpoints:
        endpoints.append(JUJU_INFO)
    return [
        ApplicationEndpoint(end.application, endpoint)
        for endpoint in endpoints
        if end.relation in ("", endpoint.name)
    ]


def _pairs(
    choices: Sequence[Sequence[ApplicationEndpoint]], charms: tuple[Charm, Charm]
) -> list[Pair]:
    has_subordinate = any(charm.subordinate for charm in charms)
    return [
        (first, second)
        for first in choices[0]
        for second in choices[1]
        if _can_relate(first.endpoint, second.endpoint)
        and (has_subordinate or not has_container_scope((first, second)))
    ]


def _can_relate(first: Endpoint, second: Endpoint) -> bool:
    roles = {first.role, second.role}
    return roles == {"provides", "requires"} and first.interface == second.interface


def has_container_scope(pair: Pair) -> bool:
    """Return whether a relation has container scope: one container-scoped end is enough."""
    return any(end.endpoint.scope == "container" for end in pair)


def _is_implicit(end: ApplicationEndpoint) -> bool:
    endpoint = end.endpoint
    return (endpoint.name, endpoint.interface, endpoint.role) == (
        JUJU_INFO.name,
        JUJU_INFO.interface,
        JUJU_INFO.role,
    )


def relation_key(pair: Pair) -> str:
    """Return the name of a relation: the requirer first (state ``relationKey``)."""
    ordered = sorted(pair, key=lambda end: (end.endpoint.role != "requires", str(end)))
    return f"{ordered[0]} {ordered[1]}"
