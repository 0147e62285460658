"""Relations of a model: endpoints are inferred and checked as the controller does it."""

from __future__ import annotations

from typing import NamedTuple

from .errors import CommandError
from .generations import Generation
from .objects import add_unit, application_of, generation_of, subordinates_of, units_of
from .store import JsonObject

_IMPLICIT = {"interface": "juju-info", "role": "provider", "scope": "global"}


class Endpoint(NamedTuple):
    """One endpoint of an application."""

    application: str
    name: str
    interface: str
    role: str
    scope: str
    is_implicit: bool = False

    def text(self) -> str:
        """Return ``application:endpoint``."""
        return f"{self.application}:{self.name}"


def add_relation(state: JsonObject, model: JsonObject, first: str, second: str) -> JsonObject:
    """Relate two applications, and add units of a subordinate.

    Args:
        state: The state.
        model: The model.
        first: An application, with or without its endpoint.
        second: The other application.

    Raises:
        CommandError: The endpoints do not fit, or are already related.
    """
    own, peer = _compatible_pair(state, model, first, second)
    if _existing(model, own, peer) is not None:
        raise _already_related(generation_of(state), own, peer)
    scope = "container" if "container" in (own.scope, peer.scope) else "global"
    relation = {
        "id": model["next_relation"],
        "endpoints": [[own.application, own.name], [peer.application, peer.name]],
        "interface": own.interface or peer.interface or own.name,
        "scope": scope,
    }
    model["next_relation"] += 1
    model["relations"].append(relation)
    if scope == "container":
        _add_subordinates(state, model, own.application, peer.application)
        _add_subordinates(state, model, peer.application, own.application)
    return relation


class AlreadyRelatedError(CommandError):
    """The endpoints are related already; 2.6 reports it without an error."""


def _already_related(generation: Generation, own: Endpoint, peer: Endpoint) -> AlreadyRelatedError:
    ends = sorted((own, peer), key=lambda end: end.role != "requirer")
    pair = " ".join(end.text() for end in ends)
    texts = (f'cannot add relation "{pair}"', f"relation {pair} already exists")
    if generation.name == "2.6":
        return AlreadyRelatedError(": ".join(texts))
    hint = "Use 'juju status --relations' to view the current relations."
    return AlreadyRelatedError("\n".join(texts) + f": \n\n{hint}")


def _compatible_pair(
    state: JsonObject, model: JsonObject, first: str, second: str
) -> tuple[Endpoint, Endpoint]:
    pairs = [
        (own, peer)
        for own in _endpoints(model, first)
        for peer in _endpoints(model, second)
        if _fits(own, peer)
    ]
    explicit = [pair for pair in pairs if not (pair[0].is_implicit or pair[1].is_implicit)]
    pairs = explicit if len(pairs) > 1 and explicit else pairs
    if len(pairs) == 1:
        return pairs[0]
    if not pairs:
        raise CommandError(_no_pair_text(generation_of(state), first, second))
    options = "; ".join(f'"{own.text()} {peer.text()}"' for own, peer in pairs)
    raise CommandError(f'ambiguous relation: "{first} {second}" could refer to {options}')


def _no_pair_text(generation: Generation, first: str, second: str) -> str:
    if generation.is_juju4:
        return (
            f'adding relation between endpoints "{first}" and "{second}": cannot relate endpoints '
            f'"{first}" and "{second}": no compatible endpoints found between applications'
        )
    return "no relations found"


def _endpoints(model: JsonObject, text: str) -> list[Endpoint]:
    name, _, endpoint = text.partition(":")
    application = application_of(model, name)
    endpoints = {**application.get("endpoints", {})}
    if not application.get("endpoints") and endpoint and endpoint != "juju-info":
        return [Endpoint(name, endpoint, "", "any", "global")]
    result = [Endpoint(name, key, **body) for key, body in endpoints.items()]
    result.append(Endpoint(name, "juju-info", **_IMPLICIT, is_implicit=True))
    if not endpoint:
        return result
    chosen = [candidate for candidate in result if candidate.name == endpoint]
    if not chosen:
        raise CommandError(f'application "{name}" has no "{endpoint}" relation')
    return chosen


def _fits(own: Endpoint, peer: Endpoint) -> bool:
    if "any" in (own.role, peer.role):
        return True
    return {own.role, peer.role} == {
        "provider",
        "requirer",
    } and own.interface == peer.interface


def _existing(model: JsonObject, own: Endpoint, peer: Endpoint) -> JsonObject | None:
    ends = {(own.application, own.name), (peer.application, peer.name)}
    for relation in model["relations"]:
        if {tuple(end) for end in relation["endpoints"]} == ends:
            return relation
    return None


def find_relation(model: JsonObject, first: str, second: str) -> JsonObject | None:
    """Return the relation between two applications; endpoints may be omitted."""
    for relation in model["relations"]:
        ends = relation["endpoints"]
        if len(ends) == 2 and any(
            _names(own, first) and _names(peer, second) for own, peer in (ends, ends[::-1])
        ):
            return relation
    return None


def _names(end: list[str], text: str) -> bool:
    application, _, endpoint = text.partition(":")
    return end[0] == application and endpoint in ("", end[1])


def remove_relation(model: JsonObject, relation: JsonObject) -> None:
    """Remove a relation, and the units of a subordinate that it placed."""
    model["relations"].remove(relation)
    ends = [end[0] for end in relation["endpoints"]]
    if relation["scope"] != "container" or len(ends) < 2:
        return
    for principal, subordinate in (ends, ends[::-1]):
        if not model["applications"][subordinate].get("subordinate"):
            continue
        if _is_container_related(model, principal, subordinate):
            continue
        for unit in units_of(model, principal):
            for child in subordinates_of(model, unit):
                if model["units"][child]["application"] == subordinate:
                    del model["units"][child]


def _is_container_related(model: JsonObject, principal: str, subordinate: str) -> bool:
    return any(
        relation["scope"] == "container"
        and {end[0] for end in relation["endpoints"]} == {principal, subordinate}
        for relation in model["relations"]
    )


def _add_subordinates(state: JsonObject, model: JsonObject, principal: str, name: str) -> None:
    """Add a unit of a subordinate below each unit of a principal that has none."""
    applications = model["applications"]
    if not applications[name].get("subordinate") or applications[principal].get("subordinate"):
        return
    for unit in units_of(model, principal):
        children = subordinates_of(model, unit)
        if not any(model["units"][child]["application"] == name for child in children):
            add_unit(state, model, name, principal=unit)
