"""What related applications say and are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nfs_server.cluster.provisioner import Class, name_in
from nfs_server.relations import Guest, addresses, endpoint_of, guest_of, publish, share_of


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


LOGIN = share_of(Guest("login", ("10.0.0.9",), ()), "/nfsroot/login")


def test_a_guest_gets_a_share_of_its_own() -> None:
    """For its addresses alone, and its root is nobody."""
    assert LOGIN.path == "/nfsroot/login"
    assert LOGIN.clients == ("10.0.0.9",)
    assert "root_squash" in LOGIN.options
    assert LOGIN.trusted == ()


@pytest.mark.parametrize(
    ("world", "clients", "refused"),
    [(False, ("10.0.0.9",), ("0.0.0.0/0", "::/0")), (True, ("0.0.0.0/0", "::/0"), ())],
)
def test_a_guest_that_comes_from_everywhere(
    world: bool, clients: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    """Egress as wide as the world is not opened, unless everybody may be a client."""
    found = [*addresses({"egress-subnets": "0.0.0.0/0,::/0"}), "10.0.0.9"]

    assert guest_of("login", found, world) == Guest("login", clients, refused)


class NoBagError(Exception):
    """What Juju 2.6 says to a data bag of an application."""


class Member:
    """An application, or a unit, that leads or does not."""

    def __init__(self, name: str, leads: bool = False) -> None:
        self.name, self._leads = name, leads

    def is_leader(self) -> bool:
        """Tell whether it leads."""
        return self._leads


def related(
    endpoint: str, juju: str, leads: bool, address: str | None = "10.0.0.10"
) -> tuple[Any, dict[Any, dict[str, str]]]:
    """Return a charm with one related application `login`, and the relation's bags."""
    app, unit = Member("nfs"), Member("nfs/0", leads)

    class Bags(dict):  # type: ignore[type-arg]
        """Bags of a Juju: before 2.7 applications have none."""

        def __missing__(self, owner: object) -> dict[str, str]:
            if owner is app and juju.startswith("2.6"):
                raise NoBagError
            return self.setdefault(owner, {})  # type: ignore[no-any-return]

    bags = Bags()
    relation = SimpleNamespace(app=Member("login"), data=bags)
    network = SimpleNamespace(ingress_address=address)
    model = SimpleNamespace(
        relations={"mount": [], "filesystem": [], endpoint: [relation]},
        get_binding=lambda _: SimpleNamespace(network=network),
    )
    charm = SimpleNamespace(app=app, unit=unit, model=model)
    return charm, bags


ENDPOINT = {"endpoint": "nfs://(10.0.0.10:2049)/nfsroot/login"}


@pytest.mark.parametrize(
    ("juju", "leads", "told"),
    [("2.6.10", True, {}), ("2.7.0", True, ENDPOINT), ("3.6.9", True, ENDPOINT),
     ("10.0.1", True, ENDPOINT), ("3.6.9", False, {})],
)  # fmt: skip
def test_filesystem_info_from_juju_2_7_on(
    monkeypatch: pytest.MonkeyPatch, juju: str, leads: bool, told: dict[str, str]
) -> None:
    """By the leader, in the application's bag, which is not touched where Juju has none."""
    monkeypatch.setenv("JUJU_VERSION", juju)
    charm, bags = related("filesystem", juju, leads)

    publish(charm, {"login": LOGIN}, "")

    assert [bag for bag in bags.values() if bag] == ([told] if told else [])


def test_mount_says_options_to_any_juju(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw keys in the unit's bag, as charm nfs has them."""
    monkeypatch.setenv("JUJU_VERSION", "2.6.10")
    charm, bags = related("mount", "2.6.10", False)

    publish(charm, {"login": LOGIN}, "nfsvers=4.1,hard")

    assert bags[charm.unit] == {
        "mountpoint": "/nfsroot/login", "fstype": "nfs", "options": "nfsvers=4.1,hard",
        "hostname": "10.0.0.10", "export_name": "login",
    }  # fmt: skip


@pytest.mark.parametrize("endpoint", ["mount", "filesystem"])
def test_nothing_is_told_before_there_is_an_address(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """Juju has none for a moment where a space has no interface up."""
    monkeypatch.setenv("JUJU_VERSION", "3.6.9")
    charm, bags = related(endpoint, "3.6.9", True, None)

    publish(charm, {"login": LOGIN}, "")

    assert not any(bags.values())


def test_names_of_objects() -> None:
    """Without the provisioner's domain."""
    kind = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")

    assert name_in(kind) == "nfs-client-provisioner"
