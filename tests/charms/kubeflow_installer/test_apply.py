"""Applying in stages: what is refused keeps nothing else, and what is defined is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kubeflow.dictionary_api import DEFINITIONS, DictionaryApi
from kubeflow_installer.reconcile import apply
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.client.api import Api

PROFILES = "/apis/kubeflow.org/v1alpha1/profiles"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DictionaryApi]:
    """Start a server."""
    with DictionaryApi(tmp_path) as found:
        yield found


@pytest.fixture
def objects(server: DictionaryApi) -> Iterator[Objects]:
    """Return our objects there."""
    api = Api(server.access, patience=0)
    yield Objects(api, "kf", "kubeflow-installer", (), lambda _: None)
    api.close()


def made(api_version: str, kind: str, name: str, **more: Any) -> Any:
    """Return an object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **more}


def definition(plural: str, kind: str) -> Any:
    """Return a definition as a server of today has it, which is established at once."""
    spec = {
        "group": "kubeflow.org", "scope": "Cluster", "names": {"plural": plural, "kind": kind},
        "versions": [{"name": "v1alpha1", "served": True}, {"name": "v0", "served": False}],
    }  # fmt: skip
    established = {"conditions": [{"type": "Established", "status": "True"}]}
    found = made("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.kubeflow.org")
    return {**found, "spec": spec, "status": established}


WANTED = [
    made("v1", "Namespace", "kubeflow"), definition("broken", "Broken"),
    definition("profiles", "Profile"), made("kubeflow.org/v1alpha1", "Profile", "team"),
]  # fmt: skip


def test_what_is_refused_is_told_by_its_name(server: DictionaryApi, objects: Objects) -> None:
    """All that comes after it is applied."""
    server.refused = {"broken.kubeflow.org"}

    found = apply.apply(objects, WANTED, {}, 60)

    assert found.refused == ["CustomResourceDefinition broken.kubeflow.org: it is invalid"]
    assert (found.right, found.total) == (3, 4)
    assert f"{DEFINITIONS}/profiles.kubeflow.org" in server.objects
    assert f"{PROFILES}/team" in server.objects
    server.refused = set()
    assert apply.is_done(apply.apply(objects, WANTED, {}, 60))


def test_what_is_defined_is_served_a_moment_later(server: DictionaryApi, objects: Objects) -> None:
    """Neither discovery nor the kind's path knows it at first; one run is enough."""
    server.late = 5

    found = apply.apply(objects, [WANTED[0], *WANTED[2:]], {}, 60)

    assert found.refused == []
    assert apply.is_done(found)
    assert server.writes[-1] == f"POST {PROFILES}"


def test_definitions_are_waited_for_once(server: DictionaryApi, objects: Objects) -> None:
    """All are there before the first of their kinds is asked for."""
    several = [definition(f"kind{number}", f"Kind{number}") for number in range(4)]
    apply.apply(objects, several, {}, 60)

    posts = [number for number, one in enumerate(server.seen) if one == f"POST {DEFINITIONS}"]
    asked = [number for number, one in enumerate(server.seen) if "/kubeflow.org/" in one]
    assert len(posts) == 4
    assert asked
    assert max(posts) < min(asked)


def test_others_are_in_the_way_of_themselves_alone(
    server: DictionaryApi, objects: Objects
) -> None:
    """All of them are named; the rest is applied."""
    server.put("/api/v1/namespaces/kubeflow", made("v1", "Namespace", "kubeflow"))
    with pytest.raises(ForeignObjectError) as raised:
        apply.apply(objects, WANTED, {}, 60)
    assert raised.value.names == ["Namespace kubeflow"]
    assert f"{PROFILES}/team" in server.objects
