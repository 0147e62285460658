"""Which objects get a namespace, and which lose it."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow_installer.transform.namespaces import (
    defined_scopes,
    is_built_in_group,
    with_fitting_namespaces,
)


def manifest(api_version: str, kind: str, namespace: str | None = None) -> dict[str, Any]:
    """Return an object."""
    metadata = {"name": "a"} if namespace is None else {"name": "a", "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "data": 1}


def definition(kind: str, scope: str) -> dict[str, Any]:
    """Return the definition of a kind of kubeflow.org."""
    spec = {"group": "kubeflow.org", "names": {"kind": kind}, "scope": scope}
    head = manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    return {**head, "spec": spec}


DEFINITIONS = [definition("Profile", "Cluster"), definition("Notebook", "Namespaced")]


@pytest.mark.parametrize(
    ("api_version", "kind", "before", "after"),
    [
        ("v1", "ConfigMap", None, "default"),
        ("v1", "ConfigMap", "", "default"),
        ("v1", "ConfigMap", "kubeflow", "kubeflow"),
        ("apps/v1", "Deployment", None, "default"),
        ("rbac.authorization.k8s.io/v1", "Role", None, "default"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "kubeflow", None),
        ("v1", "Namespace", "kubeflow", None),
        ("v1", "Namespace", None, None),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "kubeflow", None),
        ("apiregistration.k8s.io/v1", "APIService", "kubeflow", None),
        ("kubeflow.org/v1", "Profile", "kubeflow", None),
        ("kubeflow.org/v1", "Profile", None, None),
        ("kubeflow.org/v1", "Notebook", None, "default"),
        ("kubeflow.org/v1", "Notebook", "team", "team"),
        # The kinds of other definitions may have either scope.
        ("lab.example/v1", "Thing", None, None),
        ("lab.example/v1", "Thing", "team", "team"),
    ],
)
def test_object_has_a_namespace_if_its_kind_has_one(
    api_version: str, kind: str, before: str | None, after: str | None
) -> None:
    """The object that was given stays as it is."""
    given = manifest(api_version, kind, before)
    original = manifest(api_version, kind, before)

    *_, changed = with_fitting_namespaces([*DEFINITIONS, given])

    assert changed == manifest(api_version, kind, after)
    assert given == original


def test_scopes_come_from_the_definitions_among_the_objects() -> None:
    assert defined_scopes([manifest("v1", "ConfigMap"), *DEFINITIONS]) == {
        ("kubeflow.org", "Profile"): False,
        ("kubeflow.org", "Notebook"): True,
    }


@pytest.mark.parametrize(
    ("group", "is_built_in"),
    [
        ("", True),
        ("apps", True),
        ("batch", True),
        ("networking.k8s.io", True),
        ("kubeflow.org", False),
        ("k8s.io.example", False),
    ],
)
def test_groups_of_the_server_itself(group: str, is_built_in: bool) -> None:
    assert is_built_in_group(group) is is_built_in
