"""Offers of the model, and offers that it consumes."""

from __future__ import annotations

from botlab.bundle.model import Application, Bundle, Offer
from botlab.live.comparison.offers import offer_differences, remote_differences
from helpers.live_differences import summary

BUNDLE = Bundle(
    applications={"store": Application(offers={"sql": Offer(["db", "admin"])})},
    saas={"remote": "ctrl:admin/other.remote"},
)
OFFER = {"application": "store", "endpoints": {"admin": {}, "db": {}}}


def test_same_offers_do_not_differ() -> None:
    document = {"offers": {"sql": OFFER}, "application-endpoints": {"remote": {}}}
    assert list(offer_differences(BUNDLE, document)) == []
    assert list(remote_differences(BUNDLE, document)) == []


def test_missing_offers_are_made_and_consumed() -> None:
    assert summary(offer_differences(BUNDLE, {})) == (
        ["offer sql"],
        ["juju offer store:admin,db sql"],
    )
    assert summary(remote_differences(BUNDLE, {})) == (
        ["saas remote"],
        ["juju consume ctrl:admin/other.remote remote"],
    )


def test_surplus_offers_are_removed() -> None:
    document = {"offers": {"sql": OFFER}, "application-endpoints": {"remote": {}}}
    assert summary(offer_differences(Bundle(), document)) == (
        ["offer sql"],
        ["juju remove-offer sql"],
    )
    assert summary(remote_differences(Bundle(), document)) == (
        ["saas remote"],
        ["juju remove-saas remote"],
    )


def test_deploy_makes_offers_but_does_not_replace_them() -> None:
    """A changed offer must be removed first, and deploy then makes it again."""
    changed = {"offers": {"sql": {"application": "store", "endpoints": {"db": {}}}}}
    (difference,) = offer_differences(BUNDLE, changed)

    assert str(difference.delta) == "offer sql: endpoints store:db -> store:admin,db"
    assert [(command.text(), command.is_part_of_deploy) for command in difference.commands] == [
        ("juju remove-offer sql", False),
        ("juju offer store:admin,db sql", True),
    ]
