"""Refusals of storage that a charm does not have, or not in that number."""

from __future__ import annotations

import pytest

from botlab.catalogue.model import Charm, Storage
from botlab.findings import path_text
from botlab.juju import Juju
from helpers.refusals import charm, messages, refusals

CHARM = charm("""
name: pg
storage:
  one: {type: filesystem}
  some: {type: block, multiple: {range: 2-3}}
  any: {type: block, multiple: {range: 0+}}
""")
UP_TO_3 = (Juju.V2_6, Juju.V2_9, Juju.V3_6)


def storage(directives: str, juju: Juju) -> list[str]:
    """Return the messages about the storage of an application."""
    text = f"applications: {{a: {{charm: pg, storage: {{{directives}}}}}}}"
    return messages(refusals(text, juju, {"a": CHARM}))


@pytest.mark.parametrize("juju", UP_TO_3)
def test_unknown_storage_is_refused(juju: Juju) -> None:
    """The message names the charm."""
    assert storage("data: 10G", juju) == [
        'cannot deploy application "a": cannot add application "a": charm "pg" has no store called'
        ' "data"'
    ]


@pytest.mark.parametrize(
    ("directives", "reason"),
    [
        ("one: '2,1G'", 'charm "pg" store "one": storage is singular, 2 specified'),
        ("some: 1G", 'charm "pg" store "some": 2 instances required, 1 specified'),
        ("some: '4,1G'", 'charm "pg" store "some": at most 3 instances supported, 4 specified'),
    ],
)
def test_number_of_storages_must_be_one_that_the_charm_allows(
    directives: str, reason: str
) -> None:
    """A directive without a number requests one."""
    start = 'cannot deploy application "a": cannot add application "a": '

    assert [storage(directives, juju) for juju in UP_TO_3] == [[start + reason]] * 3


@pytest.mark.parametrize(
    ("directives", "reason"),
    [
        ("one: '2,1G'", '"one" request count 2 exceeds the charm\'s maximum count of 1'),
        ("some: 1G", '"some" request count 1 insufficient for the charm\'s minimum count of 2'),
    ],
)
def test_juju_4_has_its_own_words_for_the_number_of_storages(directives: str, reason: str) -> None:
    """They come from the facade."""
    start = 'cannot deploy application "a": cannot deploy "a": storage directive '

    assert storage(directives, Juju.V4_0) == [start + reason]


@pytest.mark.parametrize("juju", list(Juju))
def test_numbers_within_the_range_are_accepted(juju: Juju) -> None:
    """Also where there is no upper limit."""
    assert storage("one: 1G, some: '3,1G', any: '40,1G'", juju) == []


def test_catalogue_that_only_names_storages_says_nothing_about_their_number() -> None:
    """An unknown name is refused all the same."""
    facts = Charm("pg", storage={"one": Storage("one")})
    text = "applications: {a: {charm: pg, storage: {one: '2,1G', two: 1G}}}"

    findings = refusals(text, Juju.V3_6, {"a": facts})

    assert [path_text(finding.path) for finding in findings] == ["applications.a.storage.two"]
