"""Related applications as clients."""

from __future__ import annotations

import pytest

from nfs_server.related_clients import RelatedClient, addresses_of, related_client, share_of


@pytest.mark.parametrize(
    ("bag", "addresses"),
    [
        ({"private-address": "10.0.0.5"}, ["10.0.0.5"]),
        ({"ingress-address": "10.0.0.6", "private-address": "10.0.0.5"}, ["10.0.0.6"]),
        ({"egress-subnets": "10.1.0.5/32,fd00::5/128", "ingress-address": "10.0.0.6"},
         ["10.1.0.5", "fd00::5"]),
        ({}, []),
    ],
)  # fmt: skip
def test_addresses_are_egress_subnets_or_the_units_address(
    bag: dict[str, str], addresses: list[str]
) -> None:
    """None before the unit has published anything."""
    assert addresses_of(bag) == addresses


def test_related_application_gets_a_share_of_its_own() -> None:
    """For its addresses only, and its root is nobody."""
    share = share_of(RelatedClient("login", ("10.0.0.9",)), "/nfsroot/login")

    assert share.name == "mount-login"
    assert share.path == "/nfsroot/login"
    assert share.clients == ("10.0.0.9",)
    assert share.options == ("rw", "sync", "no_subtree_check", "root_squash")
    assert share.trusted == ()


@pytest.mark.parametrize(
    ("allow_world", "clients", "refused"),
    [(False, ("10.0.0.9",), ("0.0.0.0/0", "::/0")), (True, ("0.0.0.0/0", "::/0"), ())],
)
def test_egress_as_wide_as_everybody_needs_allow_world(
    allow_world: bool, clients: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    """The other addresses of the application are admitted all the same."""
    addresses = [*addresses_of({"egress-subnets": "0.0.0.0/0,::/0"}), "10.0.0.9"]

    assert related_client("login", addresses, allow_world) == RelatedClient(
        "login", clients, refused
    )
