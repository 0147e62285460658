"""The kinds and labels by which an uninstall finds the objects of an installation."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from kubeflow_installer.uninstall.owned_objects import InstallationObjects, storage_kind
from labkube.apply.objects import Objects


def definition(**spec: Any) -> dict[str, Any]:
    """Return the definition of a kind."""
    return {"spec": {"group": "kubeflow.org", "names": {"kind": "Profile"}, **spec}}


@pytest.mark.parametrize(
    ("spec", "version"),
    [
        (
            {
                "versions": [
                    {"name": "v1", "served": True, "storage": False},
                    {"name": "v1beta1", "served": True, "storage": True},
                ]
            },
            "v1beta1",
        ),
        # Objects of a version that is not served cannot be listed in it.
        (
            {
                "versions": [
                    {"name": "v1alpha1", "served": False, "storage": True},
                    {"name": "v1", "served": True, "storage": False},
                ]
            },
            "v1",
        ),
        ({"version": "v1alpha1"}, "v1alpha1"),
        ({"version": "v1alpha1", "versions": None}, "v1alpha1"),
    ],
)
def test_kind_is_listed_in_the_version_in_which_it_is_stored(
    spec: dict[str, Any], version: str
) -> None:
    """Without the conversion webhook, which may no longer run."""
    assert storage_kind(definition(**spec)) == (f"kubeflow.org/{version}", "Profile")


def put(api: MemoryApi, kind: str, name: str, created: str, **metadata: Any) -> None:
    """Create an object at a time."""
    api.create(
        {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": name, "creationTimestamp": created, **metadata},
        }
    )


def test_objects_that_are_older_than_the_installation_stay() -> None:
    """Namespaces that were adopted, and foreign objects with a name that workloads use."""
    memory = MemoryApi((1, 35))
    api: Any = memory
    objects = Objects(api, "kf", "kubeflow-installer", [("v1", "Namespace"), ("v1", "ConfigMap")])
    for name in ("state", "made"):
        objects.apply(
            [
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": name, "namespace": "n"},
                }
            ],
            prune=False,
        )
    for name in ("adopted", "own", "default"):
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        objects.apply([manifest], prune=False)
    put(memory, "Secret", "early", "2026-01-01T00:00:00Z", namespace="n")
    put(memory, "Secret", "late", "2026-01-03T00:00:00Z", namespace="n")
    put(memory, "Secret", "foreign", "2026-01-03T00:00:00Z", namespace="n")
    times = {"adopted": "2026-01-01T00:00:00Z", "state": "2026-01-02T00:00:00Z"}
    for live in memory.objects.values():
        name = live["metadata"]["name"]
        live["metadata"].setdefault("creationTimestamp", times.get(name, "2026-01-02T00:00:00Z"))
    state = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "state", "namespace": "n"},
    }
    at_run_time = [
        ("v1", "Secret", "n", "early"),
        ("v1", "Secret", "n", "late"),
        ("lab.example/v1", "Nothing", "", "that-the-server-has"),
    ]

    owned = InstallationObjects(api, objects, at_run_time, state)

    def names(listing: Any) -> list[str]:
        return sorted(live["metadata"]["name"] for live in listing)

    kinds = owned.kinds_named("Namespace", "ConfigMap", "Secret")
    assert kinds == [("v1", "Namespace"), ("v1", "ConfigMap"), ("v1", "Secret")]
    assert names(owned.labelled(kinds).complete()) == ["adopted", "default", "made", "own"]
    assert names(owned.deletable(kinds).complete()) == ["late", "made", "own"]
    assert names(owned.deletable([("v1", "Secret")]).complete()) == ["late"]
    assert names(owned.adopted_containers()) == ["adopted"]


def test_cluster_without_owned_objects_has_nothing_to_delete() -> None:
    """No workload ran, so that an object with a name that workloads use is foreign."""
    memory = MemoryApi((1, 35))
    api: Any = memory
    put(memory, "Secret", "late", "2026-01-03T00:00:00Z", namespace="n")
    objects = Objects(api, "kf", "kubeflow-installer", [("v1", "Secret")])

    owned = InstallationObjects(api, objects, [("v1", "Secret", "n", "late")])

    assert owned.deletable([("v1", "Secret")]).complete() == []
    assert owned.labelled([("v1", "Secret")]).complete() == []
