"""This machine, by any of its addresses and names."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandResult
from nfs_server.server.local_host import LocalHost, local_addresses, lookup_addresses

NAMES = {"node0.lab": ["10.0.0.10", "fd00::10"], "node0": ["127.0.1.1"], "node1": ["10.0.0.11"]}


@pytest.mark.parametrize(
    ("server", "is_local"),
    [
        ("10.0.0.10", True), ("192.168.1.10", True), ("10.0.0.11", False),
        ("fd00::10", True), ("FD00:0::10", True), ("[fd00::10]", True), ("fe80::1%eth0", True),
        ("fd00::11", False), ("127.0.0.1", True), ("::1", True),
        ("node0.lab", True), ("node0", True), ("node1", False), ("nowhere", False),
    ],
)  # fmt: skip
def test_any_address_and_name_of_this_machine_matches(server: str, is_local: bool) -> None:
    """The addresses of any interface, and the names that resolve to one of them."""
    addresses = ["10.0.0.10", "192.168.1.10", "fd00::10", "fe80::1"]

    local_host = LocalHost(addresses, lambda name: NAMES.get(name, []))

    assert local_host.matches(server) is is_local


def test_name_is_looked_up_once() -> None:
    """A DNS server that does not answer costs one time limit, not one for each volume."""
    names: list[str] = []

    def lookup(name: str) -> list[str]:
        names.append(name)
        return []

    local_host = LocalHost(["10.0.0.10"], lookup)

    servers = ("node9", "node9", "10.0.0.10")
    assert [local_host.matches(server) for server in servers] == [False, False, True]
    assert names == ["node9"]


def test_addresses_are_read_from_iproute2(tmp_path: Path) -> None:
    """Line by line as it prints them; none without it."""
    text = (
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n"
        "2: ens3    inet 10.0.0.10/24 brd 10.0.0.255 scope global ens3\\       valid_lft 9sec\n"
        "2: ens3    inet6 fe80::5054:ff:fe12:3456/64 scope link \\       valid_lft forever\n"
        "3: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\\       valid_lft forever\n"
    )
    machine = FakeMachine(tmp_path)
    machine.answers["ip -o addr show"] = text
    assert local_addresses(machine) == [
        "127.0.0.1", "10.0.0.10", "fe80::5054:ff:fe12:3456", "10.8.0.1",
    ]  # fmt: skip
    assert machine.commands == [["ip", "-o", "addr", "show"]]
    machine.answers["ip -o addr show"] = CommandResult(127, "", "ip: not found")
    assert local_addresses(machine) == []


def test_names_are_resolved_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve has no addresses."""
    entries = [(socket.AF_INET, 1, 6, "", ("10.0.0.10", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: entries)
    assert lookup_addresses("node0") == ["10.0.0.10"]

    def fails(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert lookup_addresses("node9") == []
