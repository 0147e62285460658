"""What is published to related applications."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nfs_server.related_clients import RelatedClient, related_client, share_of
from nfs_server.relations import endpoint_of, publish, read_related_clients


def test_endpoint_is_a_url_of_filesystem_info() -> None:
    """IPv6 addresses are in brackets."""
    assert endpoint_of("10.0.0.10", "/srv/nfs") == "nfs://(10.0.0.10:2049)/srv/nfs"
    assert endpoint_of("fd00::1", "/x") == "nfs://([fd00::1]:2049)/x"


LOGIN = share_of(RelatedClient("login", ("10.0.0.9",)), "/nfsroot/login")


class NoBagError(Exception):
    """The answer of Juju 2.6 to a data bag of an application."""


class Member:
    """An application, or a unit, which is the leader or not."""

    def __init__(self, name: str, is_leader: bool = False) -> None:
        self.name, self._is_leader = name, is_leader

    def is_leader(self) -> bool:
        """Return whether it is the leader."""
        return self._is_leader


def related_charm(
    endpoint: str, juju: str, is_leader: bool, address: str | None = "10.0.0.10"
) -> tuple[Any, dict[Any, dict[str, str]]]:
    """Return a charm with one related application `login`, and the relation's bags."""
    app, unit = Member("nfs"), Member("nfs/0", is_leader)

    class Bags(dict):  # type: ignore[type-arg]
        """The bags of a Juju; before 2.7 applications have none."""

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
    ("juju", "is_leader", "published"),
    [("2.6.10", True, {}), ("2.7.0", True, ENDPOINT), ("3.6.9", True, ENDPOINT),
     ("10.0.1", True, ENDPOINT), ("3.6.9", False, {})],
)  # fmt: skip
def test_filesystem_info_is_published_by_the_leader_from_juju_2_7_on(
    monkeypatch: pytest.MonkeyPatch, juju: str, is_leader: bool, published: dict[str, str]
) -> None:
    """In the application's bag, which is not touched where Juju has none."""
    monkeypatch.setenv("JUJU_VERSION", juju)
    charm, bags = related_charm("filesystem", juju, is_leader)

    publish(charm, {"login": LOGIN}, "")

    assert [bag for bag in bags.values() if bag] == ([published] if published else [])


def test_mount_is_published_by_every_unit_on_any_juju(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw keys in the unit's bag, as charm nfs has them."""
    monkeypatch.setenv("JUJU_VERSION", "2.6.10")
    charm, bags = related_charm("mount", "2.6.10", False)

    publish(charm, {"login": LOGIN}, "nfsvers=4.1,hard")

    assert bags[charm.unit] == {
        "mountpoint": "/nfsroot/login", "fstype": "nfs", "options": "nfsvers=4.1,hard",
        "hostname": "10.0.0.10", "export_name": "login",
    }  # fmt: skip


@pytest.mark.parametrize("endpoint", ["mount", "filesystem"])
def test_nothing_is_published_before_there_is_an_address(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """Juju has none for a moment where a space has no interface up."""
    monkeypatch.setenv("JUJU_VERSION", "3.6.9")
    charm, bags = related_charm(endpoint, "3.6.9", True, None)

    publish(charm, {"login": LOGIN}, "")

    assert not any(bags.values())


def test_addresses_of_all_units_of_an_application_are_its_clients() -> None:
    """By the units' bags of both endpoints, in the order of the applications' names."""
    first, second, third = Member("web/0"), Member("web/1"), Member("db/0")
    mount = SimpleNamespace(
        id=1, app=Member("web"), units=[first, second],
        data={first: {"private-address": "10.0.0.1"}, second: {"private-address": "10.0.0.2"}},
    )  # fmt: skip
    filesystem = SimpleNamespace(
        id=2, app=Member("db"), units=[third], data={third: {"private-address": "10.0.0.3"}}
    )
    dying = SimpleNamespace(id=3, app=None, units=[], data={})
    relations = {"mount": [mount, dying], "filesystem": [filesystem]}
    charm: Any = SimpleNamespace(model=SimpleNamespace(relations=relations))

    related = read_related_clients(charm, False)
    assert [client.application for client in related] == ["db", "web"]
    assert related == [
        related_client("db", ["10.0.0.3"], False),
        related_client("web", ["10.0.0.1", "10.0.0.2"], False),
    ]
