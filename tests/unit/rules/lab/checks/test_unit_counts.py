"""Rules about the number of units of an application."""

from __future__ import annotations

import pytest

from helpers.assessments import bundle_findings, paths_of


@pytest.mark.parametrize(
    ("charm", "is_reported"),
    [
        ("./metallb_jammy-noble.charm", True),
        ("local:metallb", True),
        ("metallb", False),
        ("ch:metallb", False),
        ("cs:~containers/easyrsa-195", True),
        ("cs:~lab/nfs-server-1", True),
    ],
)
def test_charm_of_a_store_with_the_name_of_an_own_charm_is_another_charm(
    charm: str, is_reported: bool
) -> None:
    """Charmhub has a charm metallb, whose units all work."""
    bundle = {"applications": {"a": {"charm": charm, "num_units": 2}}}

    assert paths_of(bundle_findings(bundle), "BL061") == ["applications.a.num_units"] * is_reported
