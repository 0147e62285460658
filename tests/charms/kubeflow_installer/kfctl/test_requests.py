"""Requests of kfctl are read: their paths, and the objects in them."""

from __future__ import annotations

import pytest

from kubeflow_installer.kfctl.requests import (
    LAST_APPLIED,
    last_applied,
    merge,
    parse_path,
    without_server_fields,
)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/namespaces", ("", "", "namespaces", "", "")),
        ("/api/v1/namespaces/a", ("", "", "namespaces", "a", "")),
        ("/api/v1/namespaces/a/finalize", ("", "", "namespaces", "a", "finalize")),
        ("/api/v1/namespaces/a/pods/b/log", ("", "a", "pods", "b", "log")),
        ("/apis/apps/v1/namespaces/a/deployments", ("apps", "a", "deployments", "", "")),
        ("/apis/x.io/v1/roles/system%3Aall", ("x.io", "", "roles", "system:all", "")),
        ("/apis/apps/v1", None),
        ("/api/v1", None),
        ("/version", None),
    ],
)
def test_path_names_its_target(path: str, target: tuple[str, ...] | None) -> None:
    """An object, a list of objects, or neither."""
    assert parse_path(path) == target


def test_server_fields_are_removed() -> None:
    """The namespace of the path is added."""
    metadata = {
        "name": "a", "uid": "1", "creationTimestamp": None, "annotations": {LAST_APPLIED: "{}"},
    }  # fmt: skip
    manifest = {"kind": "ConfigMap", "metadata": metadata, "status": {}}
    assert without_server_fields(manifest, "ns") == {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "ns"},
    }
    annotated = {
        "kind": "A",
        "metadata": {"name": "a", "annotations": {LAST_APPLIED: "{}", "b": "c"}},
    }
    assert without_server_fields(annotated, "") == {
        "kind": "A",
        "metadata": {"name": "a", "annotations": {"b": "c"}},
    }


def test_merge_and_last_applied() -> None:
    """Mappings are merged; anything else is taken from the later one."""
    assert merge({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": 3}, "d": [2], "e": 4}) == {
        "a": {"b": 1, "c": 3}, "d": [2], "e": 4,
    }  # fmt: skip
    change = {"metadata": {"annotations": {LAST_APPLIED: '{"kind": "A"}'}}}
    assert last_applied(change) == {"kind": "A"}
    for document in ([], {}, {"metadata": {"annotations": {LAST_APPLIED: "{"}}}):
        assert last_applied(document) is None
