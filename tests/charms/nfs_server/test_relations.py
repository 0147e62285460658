"""What related applications say and are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from nfs_provisioner import Class, name_in
from nfs_relations import Guest, addresses, endpoint_of, publish, share_of
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


class NoBagError(Exception):
    """What Juju 2.6 says to a data bag of an application."""


class Member:
    """An application, or a unit, that leads or does not."""

    def __init__(self, name: str, leads: bool = False) -> None:
        self.name, self._leads = name, leads

    def is_leader(self) -> bool:
        """Tell whether it leads."""
        return self._leads


def related(endpoint: str, juju: str, leads: bool) -> tuple[Any, dict[Any, dict[str, str]]]:
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
    network = SimpleNamespace(ingress_address="10.0.0.10")
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
    root = Share("export-root", "/nfsroot", (), ("rw",), ())

    publish(charm, {"login": share_of(Guest("login", ("10.0.0.9",)), root)}, "")

    assert [bag for bag in bags.values() if bag] == ([told] if told else [])


def test_mount_says_options_to_any_juju(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw keys in the unit's bag, as charm nfs has them."""
    monkeypatch.setenv("JUJU_VERSION", "2.6.10")
    charm, bags = related("mount", "2.6.10", False)
    root = Share("export-root", "/nfsroot", (), ("rw",), ())

    publish(charm, {"login": share_of(Guest("login", ("10.0.0.9",)), root)}, "nfsvers=4.1,hard")

    assert bags[charm.unit] == {
        "mountpoint": "/nfsroot/login", "fstype": "nfs", "options": "nfsvers=4.1,hard",
        "hostname": "10.0.0.10", "export_name": "login",
    }  # fmt: skip


def test_names_of_objects() -> None:
    """Without the provisioner's domain."""
    kind = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")

    assert name_in(kind) == "nfs-client-provisioner"
