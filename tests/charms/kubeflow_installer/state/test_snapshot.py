"""The snapshot of a release's objects, in Secrets of a server in memory."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from helpers.kubeflow.manifests import JsonObject, manifest
from kubeflow_installer.state.snapshot import Snapshot
from labkube.apply.objects import Objects

NAME = "kubeflow-objects"


def secret(name: str) -> JsonObject:
    """Return a Secret."""
    return manifest("v1", "Secret", name, data={"a": name})


OBJECTS = [secret(f"secret-{number}") for number in range(40)]


@pytest.fixture(params=[(1, 13), (1, 30)])
def api(request: pytest.FixtureRequest) -> Any:
    """Return a server of each era."""
    return MemoryApi(request.param)


def snapshot(api: Any, part_size: int = 100) -> Snapshot:
    """Return the snapshot on a server."""
    return Snapshot(api, Objects(api, "kf", "kubeflow-installer", ()), NAME, part_size)


def names(api: Any) -> list[str]:
    """Return the names of all objects on a server."""
    return sorted(key[3] for key in api.objects)


def test_written_objects_are_read(api: Any) -> None:
    """They take as many parts as necessary; surplus parts are deleted later."""
    assert snapshot(api).read() is None
    assert not snapshot(api).holds([])
    snapshot(api).write(OBJECTS)
    assert len(names(api)) > 2
    assert (snapshot(api).read(), snapshot(api).holds(OBJECTS)) == (OBJECTS, True)
    snapshot(api).write(OBJECTS[:1])
    assert names(api) == [NAME + "-0"]
    assert (snapshot(api).read(), snapshot(api).holds(OBJECTS)) == (OBJECTS[:1], False)
    assert all(snapshot(api).contains(live) for live in api.objects.values())
    assert not snapshot(api).contains(secret(NAME + "-0"))


def test_incomplete_snapshot_is_not_read(api: Any) -> None:
    """A part is missing, is of another snapshot, or is a foreign object."""
    snapshot(api).write(OBJECTS)
    last = api.objects["", "Secret", "kube-system", names(api)[-1]]
    complete = dict(last)
    for change in ({}, {"digest": base64.b64encode(b"other").decode()}):
        last["data"] = {**complete["data"], **change} if change else {}
        assert (snapshot(api).read(), snapshot(api).holds(OBJECTS)) == (None, False)
    last.update(complete)
    assert snapshot(api).read() == OBJECTS
    last["metadata"]["labels"] = {}
    assert snapshot(api).read() is None


def test_snapshot_of_another_compression_holds_the_same_objects(api: Any) -> None:
    """Another machine's zlib may compress differently; that causes no write."""
    snapshot(api, part_size=100_000).write(OBJECTS)
    (live,) = api.objects.values()
    text = zlib.decompress(base64.b64decode(live["data"]["part"]))
    recompressed = base64.b64encode(zlib.compress(text, 1)).decode()
    assert recompressed != live["data"]["part"]
    live["data"]["part"] = recompressed
    assert snapshot(api).holds(OBJECTS)
    assert snapshot(api).read() == OBJECTS
