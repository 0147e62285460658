"""The roles of an application: granted, checked, changed and revoked."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.guarded_api import GuardedApi
from helpers.fake_apis.memory_api import MemoryApi
from labkube.apply.objects import ForeignObjectError
from labkube.charm.roles import Grant, Roles, RolesOutdatedError, Rule
from labkube.client.api import ApiError
from labkube.client.identity import ADMIN_GROUP, Identity, admin_identity, narrow_identity

APPLICATION = "lab.12345678"
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}}
SECRET = {**CONFIG_MAP, "kind": "Secret"}
READ = Grant([Rule("", "configmaps", "get list", "read them")])
LOCAL = Grant([Rule("", "secrets", "get", "read it", ["a"])], "local", "n")
OWN = Grant([Rule("", "nodes", "get", "read it", ["n1"])], "unit-1", unit="lab/1")


def roles_of(*grants: Grant) -> Roles:
    """Return roles whose waits end at once."""
    return Roles(APPLICATION, "lab", grants, sleep=lambda _: None)


@pytest.fixture(params=[(1, 19), (1, 28)])
def server(request: pytest.FixtureRequest) -> MemoryApi:
    """Return a server that applies objects by a merge, and one that does it itself."""
    return MemoryApi(request.param, (("v1", "Node"),))


def unit(server: MemoryApi, number: int) -> Any:
    """Return the client of a unit."""
    return GuardedApi(server, narrow_identity(APPLICATION, f"lab/{number}"))


def names(server: MemoryApi, kind: str) -> list[str]:
    """Return the names of a kind's objects."""
    return sorted(key[3] for key in server.objects if key[1] == kind)


def test_identities_differ_by_unit_and_by_rights() -> None:
    """Control planes keep the group with which a user was created."""
    narrow, admin = (
        identity(APPLICATION, "lab/3") for identity in (narrow_identity, admin_identity)
    )

    assert narrow == Identity("lab-charms:lab.12345678/3", "lab-charms:lab.12345678")
    assert admin == Identity("lab-charms:lab.12345678/3:admin", ADMIN_GROUP)


def test_each_grant_gives_its_rights_to_its_holder_alone(server: Any) -> None:
    roles_of(READ, LOCAL, OWN).grant(server)

    for number in (0, 1):
        assert unit(server, number).get(CONFIG_MAP) is None
        assert unit(server, number).get(SECRET) is None
    elsewhere = {**SECRET, "metadata": {"name": "a", "namespace": "m"}}
    with pytest.raises(ApiError, match="cannot get"):
        unit(server, 0).get(elsewhere)
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    assert unit(server, 1).get(node) is None
    with pytest.raises(ApiError, match="cannot get"):
        unit(server, 0).get(node)


def test_unit_sees_whether_the_roles_are_those_of_its_revision(server: Any) -> None:
    """Without any role the server refuses the question itself."""
    roles = roles_of(READ)
    with pytest.raises(ApiError, match="cannot get"):
        roles.check(unit(server, 0))

    roles.grant(server)
    roles.check(unit(server, 0))
    with pytest.raises(RolesOutdatedError):
        roles_of(READ, OWN).check(unit(server, 0))


def test_second_grant_writes_nothing(server: Any) -> None:
    roles = roles_of(READ, LOCAL, OWN)
    roles.grant(server)
    server.writes.clear()
    roles.grant(server)

    assert server.writes == []


def test_earlier_grants_are_deleted(server: Any) -> None:
    roles_of(READ, LOCAL, OWN).grant(server)
    roles_of(READ).grant(server)

    assert names(server, "ClusterRole") == ["lab-charms:lab.12345678"]
    assert names(server, "ClusterRoleBinding") == ["lab-charms:lab.12345678"]
    assert names(server, "RoleBinding") == []


def test_killed_grant_is_completed(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is written last, so that an incomplete set counts as outdated."""
    roles, writes = roles_of(READ, LOCAL, OWN), 0

    class KilledError(Exception):
        pass

    put = server._put

    def die_at(count: int) -> Any:
        def write(*args: Any) -> Any:
            nonlocal writes
            writes += 1
            if writes == count:
                raise KilledError
            return put(*args)

        return write

    for count in range(1, 7):
        writes = 0
        server.objects.clear()
        monkeypatch.setattr(server, "_put", die_at(count))
        with pytest.raises(KilledError):
            roles.grant(server)
        with pytest.raises(ApiError) as raised:
            roles.check(server)
        assert raised.value.status == 403
        monkeypatch.setattr(server, "_put", put)
        roles.grant(server)
        roles.check(unit(server, 0))


def test_foreign_role_of_the_name_is_left_alone(server: Any) -> None:
    name = "lab-charms:lab.12345678"
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    server.create({**role, "metadata": {"name": name}, "rules": []})

    with pytest.raises(ForeignObjectError, match=name):
        roles_of(READ).grant(server)


def test_each_object_is_deleted_with_a_role_that_its_holder_may_delete(server: Any) -> None:
    """The server deletes the objects of a deleted owner."""
    roles = roles_of(READ, LOCAL, OWN)
    roles.grant(server)
    owners = {
        (kind, name): [owner["name"] for owner in live["metadata"].get("ownerReferences", [])]
        for (_, kind, _, name), live in server.objects.items()
    }
    first, local, own = (f"lab-charms:lab.12345678{end}" for end in ("", ":local", ":unit-1"))
    assert owners == {
        ("ClusterRole", first): [],
        ("ClusterRoleBinding", first): [first],
        ("ClusterRole", local): [first],
        ("RoleBinding", local): [first],
        ("ClusterRole", own): [],
        ("ClusterRoleBinding", own): [own],
    }

    roles.revoke(unit(server, 0), "lab/1")
    assert own in names(server, "ClusterRole"), "unit 0 may not delete it"
    roles.revoke(unit(server, 1), "lab/1")
    roles.revoke(unit(server, 0))
    assert names(server, "ClusterRole") == [local]
