"""Offers of the model, and offers that it consumes."""

from __future__ import annotations

from botlab.bundle.model import Application, Bundle, Offer
from botlab.live.comparison.differences import Difference, JujuCommand, Stage
from botlab.live.comparison.offers import offer_differences, remote_differences
from botlab.plan.difference import Delta
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


def test_differences_have_their_kind_and_the_stage_of_their_command() -> None:
    """They are headings and the order of what people read."""
    document = {"offers": {"sql": OFFER}, "application-endpoints": {"remote": {}}}

    assert [*offer_differences(BUNDLE, {}), *remote_differences(BUNDLE, {})] == [
        Difference(
            Delta("added", "offer", "sql", "", "", "store:admin,db"),
            (
                JujuCommand(
                    Stage.OFFERS,
                    "offer",
                    ("store:admin,db", "sql"),
                    why="the site makes this offer",
                    is_part_of_deploy=True,
                ),
            ),
        ),
        Difference(
            Delta("added", "saas", "remote"),
            (
                JujuCommand(
                    Stage.OFFERS,
                    "consume",
                    ("ctrl:admin/other.remote", "remote"),
                    why="the site uses this offer",
                    is_part_of_deploy=True,
                ),
            ),
        ),
    ]
    assert [*offer_differences(Bundle(), document), *remote_differences(Bundle(), document)] == [
        Difference(
            Delta("removed", "offer", "sql", "", "store:admin,db", ""),
            (
                JujuCommand(
                    Stage.REMOVE_OFFERS,
                    "remove-offer",
                    ("sql",),
                    why="deploy never removes an offer",
                ),
            ),
        ),
        Difference(
            Delta("removed", "saas", "remote"),
            (
                JujuCommand(
                    Stage.REMOVE_APPLICATIONS,
                    "remove-saas",
                    ("remote",),
                    why="no relation of the site uses it",
                ),
            ),
        ),
    ]
