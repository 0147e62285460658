"""A release's objects, kept in Secrets of a server in memory."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from helpers.kubeflow.memory_api import MemoryApi
from kubeflow_installer.state import snapshot
from kubeflow_installer.state.snapshot import Book
from labkube.apply.objects import Objects

NAME = "kubeflow-objects"


def thing(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {"a": name}}


FOUND = [thing(f"thing-{number}") for number in range(40)]


@pytest.fixture(params=[(1, 13), (1, 30)])
def api(request: pytest.FixtureRequest) -> Any:
    """Return a server of each age."""
    return MemoryApi(request.param)


def book(api: Any, part: int = 100) -> Book:
    return Book(api, Objects(api, "kf", "kubeflow-installer", ()), NAME, part)


def names(api: Any) -> list[str]:
    return sorted(place[3] for place in api.objects)


def test_what_is_written_is_read(api: Any) -> None:
    """In as many parts as it needs; fewer later, and none of the old ones is left."""
    assert book(api).read() is None
    assert not book(api).holds([])
    book(api).write(FOUND)
    assert len(names(api)) > 2
    assert (book(api).read(), book(api).holds(FOUND)) == (FOUND, True)
    book(api).write(FOUND[:1])
    assert names(api) == [NAME + "-0"]
    assert (book(api).read(), book(api).holds(FOUND)) == (FOUND[:1], False)
    assert all(book(api).is_it(one) for one in api.objects.values())
    assert not book(api).is_it(thing(NAME + "-0"))


def test_half_of_it_is_none(api: Any) -> None:
    """A part that is missing, of another time, or not ours."""
    book(api).write(FOUND)
    last = api.objects["", "Secret", "kube-system", names(api)[-1]]
    whole = dict(last)
    for data in ({}, {"digest": base64.b64encode(b"other").decode()}):
        last["data"] = {**whole["data"], **data} if data else {}
        assert (book(api).read(), book(api).holds(FOUND)) == (None, False)
    last.update(whole)
    assert book(api).read() == FOUND
    last["metadata"]["labels"] = {}
    assert book(api).read() is None


def test_compressed_otherwise_it_is_the_same(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another machine's zlib does it: nothing is written anew for that."""
    book(api).write(FOUND)
    before = snapshot.zlib.compress
    monkeypatch.setattr(snapshot.zlib, "compress", lambda text, _: before(text, 1))
    assert book(api).holds(FOUND)
