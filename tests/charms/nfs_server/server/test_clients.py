"""Clients of shares: their forms, and which of them another client covers."""

from __future__ import annotations

import pytest

from nfs_server.server.clients import cover, is_host_name, is_open, narrow, read_client


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("10.0.0.0/255.255.255.0", "10.0.0.0/24"),
        ("10.0.0.1/32", "10.0.0.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fd00::/64", "fd00::/64"),
        ("Node-1.Lab", "node-1.lab"),
        ("*", "*"),
    ],
)
def test_client_is_returned_in_the_form_that_exportfs_prints(text: str, client: str) -> None:
    """Addresses and networks in their usual form, names in lower case."""
    assert read_client(text) == client


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.1/24", "write 10.0.0.0/24"),
        ("10.0.0.0/33", "is not a client"),
        ("300.1.2.3", "is not a client"),
        ("@group", "is not a client"),
        ("*.lab", "is not a client"),
        ("a b", "is not a client"),
        ("a(rw)", "is not a client"),
        ("", "is not a client"),
    ],
)
def test_other_texts_are_refused_with_what_to_write(text: str, message: str) -> None:
    """Wildcards and netgroups too."""
    with pytest.raises(ValueError, match=message):
        read_client(text)


def test_clients_are_sorted_and_narrowed_to_the_widest() -> None:
    """Each client once, in the order of the numbers, without those that a network covers."""
    clients = [
        "node.lab",
        "10.0.0.9",
        "10.0.0.10",
        "10.1.0.5",
        "10.1.0.0/16",
        "10.1.2.0/24",
        "fd00::1",
    ]

    assert narrow(clients + clients) == [
        "10.0.0.9",
        "10.0.0.10",
        "10.1.0.0/16",
        "fd00::1",
        "node.lab",
    ]
    assert narrow(["10.0.0.1", "*"]) == ["*"]


@pytest.mark.parametrize(
    ("client", "is_wide"),
    [("*", True), ("0.0.0.0/0", True), ("10.0.0.0/8", False), ("128.0.0.0/1", True),
     ("::/0", True), ("fd00::/16", False), ("node", False)],
)  # fmt: skip
def test_wide_networks_count_as_everybody(client: str, is_wide: bool) -> None:
    """A network as wide as half of the Internet is open; the widest private one is not."""
    assert is_open(client) is is_wide


def test_host_names_differ_from_addresses() -> None:
    """Neither addresses and networks nor everybody are host names."""
    clients = ("10.0.0.7", "10.0.0.0/24", "fd00::1", "*", "node.lab", "n7")
    assert [client for client in clients if is_host_name(client)] == ["node.lab", "n7"]


@pytest.mark.parametrize(
    ("clients", "is_covered"),
    [(["*"], True), (["10.0.0.0/24"], True), (["10.0.0.7"], True), (["node"], False),
     (["10.0.1.0/24", "fd00::/64"], False), ([], False)],
)  # fmt: skip
def test_address_is_covered_by_itself_and_by_networks(
    clients: list[str], is_covered: bool
) -> None:
    """As `verify` asks whether this machine is a client."""
    assert cover(clients, "10.0.0.7") is is_covered
