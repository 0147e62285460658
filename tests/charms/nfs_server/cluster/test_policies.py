"""The admission policies as objects; test_nfs_policies in tests/kube evaluates them."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from helpers.nfs.storage_api import StorageApi
from nfs_server.cluster.cluster_storage import ClusterStorage
from nfs_server.cluster.policies import BINDING, POLICY, protected_export

EXPORT = protected_export(["10.0.0.10", "fd00::1", "127.0.0.1"], "/nfsroot", ["/srv/b", "/srv/a"])


def policies_on(minor: int, protected: Any) -> list[tuple[str, str]]:
    """Return kind and name of the policies that a server of a release gets."""
    api: Any = StorageApi((1, minor))
    storage = ClusterStorage(api, "nfs-server.0", lambda _: None)
    desired = storage.desired_state(STORAGE_CLASS, SOURCE, "v4.0.2", "", protected)
    storage.apply(desired)
    assert storage.compare(desired)[1:] == ([], [], [])
    return sorted((key[1], key[3]) for key in api.objects if key[1] in (POLICY, BINDING))


@pytest.mark.parametrize(("minor", "is_protected"), [(29, False), (30, True), (37, True)])
def test_servers_that_have_policies_get_one_for_pods_and_one_for_volumes(
    minor: int, is_protected: bool
) -> None:
    """Each with its binding. Older servers get the other objects alone."""
    names = [f"{STORAGE_CLASS.object_name}-{suffix}" for suffix in ("pods", "volumes")]
    expected = [(kind, name) for kind in (POLICY, BINDING) for name in names]

    assert policies_on(minor, EXPORT) == (expected if is_protected else [])
    assert policies_on(minor, None) == []


def test_policies_are_removed_when_the_option_is_switched_off() -> None:
    api: Any = StorageApi((1, 30))
    storage = ClusterStorage(api, "nfs-server.0", lambda _: None)
    storage.apply(storage.desired_state(STORAGE_CLASS, SOURCE, "", "", EXPORT))

    applied = storage.apply(storage.desired_state(STORAGE_CLASS, SOURCE, "", ""))

    assert len(applied.pruned) == 4


def test_addresses_do_not_depend_on_their_order() -> None:
    """So that a second hook writes nothing; other forms than IPv4 are covered in any case."""
    assert EXPORT == (("10.0.0.10",), "/nfsroot", ("/srv/a", "/srv/b"))
    several = ["10.0.1.1", "10.0.0.10", "10.0.1.1"]
    assert protected_export(several, "/nfsroot", []).addresses == ("10.0.0.10", "10.0.1.1")
