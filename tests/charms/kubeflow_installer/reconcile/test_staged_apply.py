"""Applying in stages: a refused object does not stop others, and defined kinds are awaited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.fake_apis.http_api import DEFINITIONS, DictionaryApi
from helpers.kubeflow.manifests import JsonObject, manifest
from kubeflow_installer.reconcile.staged_apply import apply_in_stages
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.client.api import Api

PROFILES = "/apis/kubeflow.org/v1alpha1/profiles"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DictionaryApi]:
    """Start a server."""
    with DictionaryApi(tmp_path) as api:
        yield api


@pytest.fixture
def objects(server: DictionaryApi) -> Iterator[Objects]:
    """Return the application's objects on the server."""
    api = Api(server.access, patience=0)
    yield Objects(api, "kf", "kubeflow-installer", (), lambda _: None)
    api.close()


def definition(plural: str, kind: str) -> JsonObject:
    """Return a definition as a current server has it, which is established at once."""
    spec = {
        "group": "kubeflow.org", "scope": "Cluster", "names": {"plural": plural, "kind": kind},
        "versions": [{"name": "v1alpha1", "served": True}, {"name": "v0", "served": False}],
    }  # fmt: skip
    established = {"conditions": [{"type": "Established", "status": "True"}]}
    return manifest(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.kubeflow.org",
        spec=spec, status=established,
    )  # fmt: skip


DESIRED = [
    manifest("v1", "Namespace", "kubeflow"), definition("broken", "Broken"),
    definition("profiles", "Profile"), manifest("kubeflow.org/v1alpha1", "Profile", "team"),
]  # fmt: skip


def test_refused_object_is_reported_and_the_others_are_applied(
    server: DictionaryApi, objects: Objects
) -> None:
    """The next run applies it once the server accepts it."""
    server.refused = {"broken.kubeflow.org"}

    progress = apply_in_stages(objects, DESIRED, {}, 60)

    assert progress.refused == ["CustomResourceDefinition broken.kubeflow.org: it is invalid"]
    assert (progress.applied, progress.total) == (3, 4)
    assert f"{DEFINITIONS}/profiles.kubeflow.org" in server.objects
    assert f"{PROFILES}/team" in server.objects
    server.refused = set()
    assert apply_in_stages(objects, DESIRED, {}, 60).is_complete


def test_kind_that_is_served_late_is_awaited(server: DictionaryApi, objects: Objects) -> None:
    """Neither discovery nor the kind's path knows it at first; one run is enough."""
    server.late_requests = 5

    progress = apply_in_stages(objects, [DESIRED[0], *DESIRED[2:]], {}, 60)

    assert progress.refused == []
    assert progress.is_complete
    assert server.writes[-1] == f"POST {PROFILES}"


def test_all_definitions_are_created_before_the_first_is_awaited(
    server: DictionaryApi, objects: Objects
) -> None:
    """Waiting for each one separately would take much longer."""
    several = [definition(f"kind{number}", f"Kind{number}") for number in range(4)]
    apply_in_stages(objects, several, {}, 60)

    lines = list(enumerate(server.requests))
    posts = [number for number, line in lines if line == f"POST {DEFINITIONS}"]
    discoveries = [number for number, line in lines if "/kubeflow.org/" in line]
    assert len(posts) == 4
    assert discoveries
    assert max(posts) < min(discoveries)


def test_foreign_object_stops_only_itself(server: DictionaryApi, objects: Objects) -> None:
    """The error names all foreign objects; the rest is applied."""
    server.put("/api/v1/namespaces/kubeflow", manifest("v1", "Namespace", "kubeflow"))
    with pytest.raises(ForeignObjectError) as raised:
        apply_in_stages(objects, DESIRED, {}, 60)
    assert raised.value.names == ["Namespace kubeflow"]
    assert f"{PROFILES}/team" in server.objects
