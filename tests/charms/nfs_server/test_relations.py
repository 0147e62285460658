"""What related applications say and are told."""

from __future__ import annotations

import pytest
from nfs_provisioner import Class, name_in
from nfs_relations import Guest, addresses, endpoint_of, share_of
from nfs_shares import Share


@pytest.mark.parametrize(
    ("bag", "found"),
    [
        ({"private-address": "10.0.0.5"}, ["10.0.0.5"]),
        ({"ingress-address": "10.0.0.6", "private-address": "10.0.0.5"}, ["10.0.0.6"]),
        ({"egress-subnets": "10.1.0.5/32,fd00::5/128", "ingress-address": "10.0.0.6"},
         ["10.1.0.5", "fd00::5"]),
        ({}, []),
    ],
)  # fmt: skip
def test_addresses(bag: dict[str, str], found: list[str]) -> None:
    """As the binding says, else the unit's address; none before the unit speaks."""
    assert addresses(bag) == found


def test_endpoint() -> None:
    """As filesystem_info writes it; IPv6 in brackets."""
    assert endpoint_of("10.0.0.10", "/srv/nfs") == "nfs://(10.0.0.10:2049)/srv/nfs"
    assert endpoint_of("fd00::1", "/x") == "nfs://([fd00::1]:2049)/x"


def test_a_guest_gets_a_folder_of_its_own() -> None:
    """Below the export root, for its addresses alone, and its root is nobody."""
    root = Share("export-root", "/nfsroot", ("10.0.0.0/8",), ("ro",), ("10.0.0.1",))
    share = share_of(Guest("login", ("10.0.0.9",)), root)

    assert share.path == "/nfsroot/login"
    assert share.clients == ("10.0.0.9",)
    assert "root_squash" in share.options
    assert share.trusted == ()


def test_names_of_objects() -> None:
    """Without the provisioner's domain."""
    kind = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")

    assert name_in(kind) == "nfs-client-provisioner"
