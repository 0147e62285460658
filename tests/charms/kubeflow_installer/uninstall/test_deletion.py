"""Deletion of objects: its order, its pauses, and what it reports."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest

from helpers.kubeflow.manifests import JsonObject, manifest
from kubeflow_installer.uninstall.deletion import Deletion, Target
from kubeflow_installer.uninstall.owned_objects import Listing
from labkube.client.api import ApiError, UnknownKindError

CONFIG_MAP, NAMESPACE = ("v1", "ConfigMap"), ("v1", "Namespace")
DEPLOYMENT = ("apps/v1", "Deployment")
KINDS = [CONFIG_MAP, DEPLOYMENT, NAMESPACE]


class Server:
    """A server with objects that end some listings after their deletion.

    Args:
        objects: The objects.
        listings: How many listings they survive their deletion.
    """

    def __init__(self, *objects: JsonObject, listings: int = 1) -> None:
        self._listings = {id(live): listings for live in objects}
        self.objects = list(objects)
        self.deleted: list[str] = []
        self.listed: list[list[tuple[str, str]]] = []
        self.refusals: dict[str, ApiError] = {}
        self.recreates = False

    def find(self, kinds: Iterable[tuple[str, str]]) -> Listing:
        """List the objects of some kinds."""
        self.listed.append(list(kinds))
        remaining = []
        for live in self.objects:
            if "deletionTimestamp" in live["metadata"]:
                self._listings[id(live)] -= 1
            if "deletionTimestamp" not in live["metadata"] or self._listings[id(live)] > 0:
                remaining.append(live)
            elif self.recreates:
                again = manifest(live["apiVersion"], live["kind"], live["metadata"]["name"], "n")
                again["metadata"]["uid"] = "another"
                self._listings[id(again)] = 1
                remaining.append(again)
        self.objects = remaining
        listed = set(self.listed[-1])
        return Listing([o for o in remaining if (o["apiVersion"], o["kind"]) in listed], [])

    def delete(self, live: JsonObject) -> bool:
        """Begin the deletion of an object."""
        name = live["metadata"]["name"]
        self.deleted.append(name)
        if name in self.refusals:
            raise self.refusals[name]
        live["metadata"]["deletionTimestamp"] = "now"
        return True

    def get(self, live: JsonObject) -> JsonObject:
        """Return an object as it is."""
        return live

    def kind(self, api_version: str, kind: str) -> None:
        """Have no kind whose objects could be in a namespace."""
        raise UnknownKindError(f"no {kind} of {api_version}")

    def list(self, *_: Any) -> list[JsonObject]:
        """Return nothing that would block a deletion."""
        return []


def delete(
    server: Server, seconds: float = 60.0, recreated: bool = True
) -> tuple[list[str], list[float]]:
    """Delete all objects; return what remains, and the pauses."""
    pauses: list[float] = []
    api: Any = server
    target = Target(list(KINDS), server.find, recreated)
    end = time.monotonic() + seconds
    return Deletion(api, KINDS, pauses.append).delete(target, end), pauses


def test_objects_are_deleted_once_in_the_reverse_order_of_their_application() -> None:
    """Only the kinds that are left are listed again, and all kinds before the end."""
    server = Server(
        manifest("v1", "Namespace", "space"), manifest("v1", "ConfigMap", "settings", "n"),
        manifest("apps/v1", "Deployment", "web", "n"), listings=2,
    )  # fmt: skip
    server._listings[id(server.objects[1])] = 1
    remaining, pauses = delete(server)

    assert remaining == []
    assert server.deleted == ["web", "settings", "space"]
    assert pauses == [0.1, 0.2]
    busy = [DEPLOYMENT, NAMESPACE]
    assert server.listed == [KINDS, KINDS, busy, KINDS]


def test_pauses_grow_up_to_two_seconds() -> None:
    _, pauses = delete(Server(manifest("v1", "ConfigMap", "slow", "n"), listings=8))

    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]


@pytest.mark.parametrize("recreated", [True, False])
def test_object_that_is_created_again_is_deleted_again_on_request(recreated: bool) -> None:
    server = Server(manifest("v1", "ConfigMap", "again", "n"))
    server.objects[0]["metadata"]["uid"] = "one"
    server.recreates = True
    remaining, _ = delete(server, 0.0 if recreated else 60.0, recreated)

    if recreated:
        assert server.deleted == ["again"]
        assert len(remaining) == 1
    else:
        assert (server.deleted, remaining) == (["again"], [])


def test_namespace_of_a_profile_is_left_to_its_owner() -> None:
    namespace = manifest("v1", "Namespace", "team")
    namespace["metadata"]["ownerReferences"] = [{"kind": "Profile"}]
    server = Server(namespace)
    delete(server, 0.0)

    assert server.deleted == []


@pytest.mark.parametrize(
    ("error", "deleted"),
    [
        (ApiError(403, "Forbidden", "not you"), ["web", "settings"]),
        (ApiError(500, "", "failed calling webhook x"), ["web", "settings"]),
        (ApiError(503, "", "later"), ["web"]),
    ],
)
def test_refused_deletion_stops_the_others_only_while_the_server_is_not_ready(
    error: ApiError, deleted: list[str]
) -> None:
    """The reason is reported."""
    server = Server(
        manifest("v1", "ConfigMap", "settings", "n"),
        manifest("apps/v1", "Deployment", "web", "n"),
    )
    server.refusals["web"] = error
    remaining, _ = delete(server, 0.0)

    assert server.deleted == deleted
    assert "Deployment n/web" in remaining[0]
    assert str(error) in remaining[0]


@pytest.mark.parametrize("status", [0, 401])
def test_server_that_is_not_reached_ends_the_deletion(status: int) -> None:
    server = Server(manifest("v1", "ConfigMap", "settings", "n"))
    server.refusals["settings"] = ApiError(status, "", "no answer")

    with pytest.raises(ApiError, match="no answer"):
        delete(server)


def test_at_most_five_objects_are_explained() -> None:
    """Refused ones first."""
    server = Server(*(manifest("v1", "ConfigMap", f"c{n}", "n") for n in range(8)), listings=9)
    server.refusals["c7"] = ApiError(403, "Forbidden", "not you")
    remaining, _ = delete(server, 0.0)

    assert len(remaining) == 6
    assert "c7" in remaining[0]
    assert remaining[-1] == "3 more objects wait"
