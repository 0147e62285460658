"""Clients of exports: what may be one, and which of them another covers."""

from __future__ import annotations

import pytest

from nfs_server.server.clients import ClientError, is_name, is_open, narrowed, read_client


@pytest.mark.parametrize(
    ("text", "read"),
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
def test_read(text: str, read: str) -> None:
    """In the form that exportfs prints."""
    assert read_client(text) == read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.0.0.1/24", "write 10.0.0.0/24"),
        ("10.0.0.0/33", "is no client"),
        ("300.1.2.3", "is no client"),
        ("@group", "is no client"),
        ("*.lab", "is no client"),
        ("a b", "is no client"),
        ("a(rw)", "is no client"),
        ("", "is no client"),
    ],
)
def test_refused(text: str, told: str) -> None:
    """With what to write instead."""
    with pytest.raises(ClientError, match=told):
        read_client(text)


def test_narrowed() -> None:
    """Sorted by number, each once, and none that a network covers."""
    found = [
        "node.lab",
        "10.0.0.9",
        "10.0.0.10",
        "10.1.0.5",
        "10.1.0.0/16",
        "10.1.2.0/24",
        "fd00::1",
    ]

    assert narrowed(found + found) == [
        "10.0.0.9",
        "10.0.0.10",
        "10.1.0.0/16",
        "fd00::1",
        "node.lab",
    ]
    assert narrowed(["10.0.0.1", "*"]) == ["*"]


@pytest.mark.parametrize(
    ("client", "wide"),
    [("*", True), ("0.0.0.0/0", True), ("10.0.0.0/8", False), ("128.0.0.0/1", True),
     ("::/0", True), ("fd00::/16", False), ("node", False)],
)  # fmt: skip
def test_open(client: str, wide: bool) -> None:
    """Everybody, or nearly."""
    assert is_open(client) is wide


def test_names() -> None:
    """What is neither an address nor a network nor everybody."""
    clients = ("10.0.0.7", "10.0.0.0/24", "fd00::1", "*", "node.lab", "n7")
    assert [client for client in clients if is_name(client)] == ["node.lab", "n7"]
