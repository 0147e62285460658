"""Which servers of volumes are this machine."""

from __future__ import annotations

import socket

import pytest

from labcharm.machine import Machine, Result
from nfs_server.server.local_host import Here, addresses, resolve

NAMES = {"node0.lab": ["10.0.0.10", "fd00::10"], "node0": ["127.0.1.1"], "node1": ["10.0.0.11"]}


@pytest.mark.parametrize(
    ("server", "here"),
    [
        ("10.0.0.10", True), ("192.168.1.10", True), ("10.0.0.11", False),
        ("fd00::10", True), ("FD00:0::10", True), ("[fd00::10]", True), ("fe80::1%eth0", True),
        ("fd00::11", False), ("127.0.0.1", True), ("::1", True),
        ("node0.lab", True), ("node0", True), ("node1", False), ("nowhere", False),
    ],
)  # fmt: skip
def test_by_any_address_and_name(server: str, here: bool) -> None:
    """Of any interface; a name by what it stands for."""
    local = ["10.0.0.10", "192.168.1.10", "fd00::10", "fe80::1"]

    assert Here(local, lambda name: NAMES.get(name, [])).has(server) is here


def test_a_name_is_asked_for_once() -> None:
    """A silent DNS server holds a hook up by one time limit, not by one a volume."""
    asked: list[str] = []
    here = Here(["10.0.0.10"], lambda name: asked.append(name) or [])  # type: ignore[func-returns-value]

    assert [here.has("node9"), here.has("node9"), here.has("10.0.0.10")] == [False, False, True]
    assert asked == ["node9"]


def test_the_machines_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ip prints them, line by line; without it there are none."""
    text = (
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n"
        "2: ens3    inet 10.0.0.10/24 brd 10.0.0.255 scope global ens3\\       valid_lft 9sec\n"
        "2: ens3    inet6 fe80::5054:ff:fe12:3456/64 scope link \\       valid_lft forever\n"
        "3: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\\       valid_lft forever\n"
    )
    machine = Machine()
    monkeypatch.setattr(machine, "run", lambda *_, **__: Result(0, text, ""))
    assert addresses(machine) == [
        "127.0.0.1", "10.0.0.10", "fe80::5054:ff:fe12:3456", "10.8.0.1",
    ]  # fmt: skip
    monkeypatch.setattr(machine, "run", lambda *_, **__: Result(127, "", "ip: not found"))
    assert addresses(machine) == []


def test_names_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its resolver's addresses; one that fails has none."""
    found = [(socket.AF_INET, 1, 6, "", ("10.0.0.10", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    assert resolve("node0") == ["10.0.0.10"]

    def fails(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert resolve("node9") == []
