"""The integrations and the offers of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from ..bundle.model import Offer
from ..bundle.relation import RelationEnd, parse_relation_end
from .applications import application_name
from .document import Block, Reference, resource
from .labels import Labels
from .machines import MODEL
from .source import PlanSource

# The owner of an offer may do everything, and the provider refuses to name it.
_OWNER = "admin"
ACCESS = ("read", "consume", "admin")


def relation_ends(source: PlanSource) -> Iterator[tuple[RelationEnd, RelationEnd]]:
    """Yield the relations, as pairs of ends."""
    for relation in source.bundle.relations:
        ends = [end for text in relation if (end := parse_relation_end(text))]
        if len(ends) == 2:
            yield ends[0], ends[1]


def integration_blocks(source: PlanSource) -> list[Block]:
    """Return the resources of the relations, in the order of the bundle."""
    labels = Labels()
    return [_integration(source, ends, labels) for ends in relation_ends(source)]


def _integration(
    source: PlanSource, ends: tuple[RelationEnd, RelationEnd], labels: Labels
) -> Block:
    name = "__".join("_".join(part for part in end if part) for end in ends)
    block = resource("juju_integration", labels.add(name))
    block.set("model_uuid", MODEL)
    block.body += [_end(source, end) for end in ends]
    return block


def _end(source: PlanSource, end: RelationEnd) -> Block:
    block = Block("application")
    if end.application in source.bundle.saas:
        block.set("offer_url", source.bundle.saas[end.application])
    else:
        block.set("name", application_name(end.application))
    block.set("endpoint", end.relation)
    return block


def offer_blocks(source: PlanSource) -> list[Block]:
    """Return the resources of the offers, each followed by that of its access."""
    labels = Labels()
    return [
        block
        for application, body in source.applications.items()
        for name, offer in body.offers.items()
        for block in _offer(application, name, offer, labels)
    ]


def _offer(application: str, name: str, offer: Offer, labels: Labels) -> Iterator[Block]:
    block = resource("juju_offer", labels.add(f"{application}_{name}"))
    block.set("model_uuid", MODEL)
    block.set("name", name)
    block.set("application_name", application_name(application))
    block.set("endpoints", [*offer.endpoints])
    yield block
    users = {user: level for user, level in offer.acl.items() if user != _OWNER}
    if users:
        access = resource("juju_access_offer", block.labels[1])
        access.set("offer_url", Reference("juju_offer", block.labels[1], "url"))
        for level in ACCESS:
            access.set(level, [user for user, granted in users.items() if granted == level])
        yield access
