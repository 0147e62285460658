"""Differences of the offers of a model, and of the offers of other models that it consumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...bundle.model import Bundle
from ...plan.difference import Delta
from ...plan.model_status import objects
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage

# An application, and the endpoints that it offers.
_Offer = tuple[str, tuple[str, ...]]


def offer_differences(bundle: Bundle, document: JsonObject) -> Iterator[Difference]:
    """Yield the offers that differ.

    Args:
        bundle: The bundle.
        document: The status document of the model.
    """
    current, desired = _current(document), _desired(bundle)
    for name in sorted({*current, *desired}):
        old, new = current.get(name), desired.get(name)
        if old == new:
            continue
        commands = [*([_removal(name)] if old else []), *([_creation(name, new)] if new else [])]
        change = "changed" if old and new else "added" if new else "removed"
        field = "endpoints" if change == "changed" else ""
        delta = Delta(change, "offer", name, field, _text(old), _text(new))
        yield Difference(delta, tuple(commands))


def remote_differences(bundle: Bundle, document: JsonObject) -> Iterator[Difference]:
    """Yield the consumed offers of other models that the bundle or the model lacks."""
    current = remote_applications(document)
    for name in sorted({*current, *bundle.saas}):
        if name not in current:
            command = JujuCommand(
                Stage.OFFERS,
                "consume",
                (bundle.saas[name], name),
                (),
                "the site uses this offer",
                is_part_of_deploy=True,
            )
            yield Difference(Delta("added", "saas", name), (command,))
        elif name not in bundle.saas:
            why = "no relation of the site uses it"
            command = JujuCommand(Stage.REMOVE_APPLICATIONS, "remove-saas", (name,), (), why)
            yield Difference(Delta("removed", "saas", name), (command,))


def remote_applications(document: JsonObject) -> Mapping[str, JsonObject]:
    """Return the consumed offers in a status document by name."""
    return objects(document.get("application-endpoints"))


def _current(document: JsonObject) -> dict[str, _Offer]:
    return {
        name: (str(fields.get("application")), tuple(sorted(objects(fields.get("endpoints")))))
        for name, fields in objects(document.get("offers")).items()
    }


def _desired(bundle: Bundle) -> dict[str, _Offer]:
    return {
        offer_name: (name, tuple(sorted(offer.endpoints)))
        for name, application in bundle.applications.items()
        for offer_name, offer in (application.offers if application else {}).items()
    }


def _creation(name: str, offer: _Offer) -> JujuCommand:
    application, endpoints = offer
    operands = f"{application}:{','.join(endpoints)}", name
    why = "the site makes this offer"
    return JujuCommand(Stage.OFFERS, "offer", operands, (), why, is_part_of_deploy=True)


def _removal(name: str) -> JujuCommand:
    why = "deploy never removes an offer"
    return JujuCommand(Stage.REMOVE_OFFERS, "remove-offer", (name,), (), why)


def _text(offer: _Offer | None) -> str:
    return f"{offer[0]}:{','.join(offer[1])}" if offer else ""
