"""Names of objects and kinds, and the order in which kinds are applied."""

from __future__ import annotations

import random
from typing import Any

from labkube.apply.kinds import in_apply_order, kinds_defined_by
from labkube.client.references import api_group, name_of, ref_of


def manifest(kind: str, api_version: str = "v1", **metadata: str) -> dict[str, Any]:
    """Return an object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", **metadata}}


def test_api_group_of_the_core_is_empty() -> None:
    assert (api_group("v1"), api_group("apps/v1")) == ("", "apps")


def test_name_has_the_namespace_if_there_is_one() -> None:
    assert name_of(manifest("Namespace")) == "Namespace a"
    assert name_of(manifest("Secret", namespace="ns")) == "Secret ns/a"


def test_reference_is_the_same_in_all_versions_of_a_group() -> None:
    beta, stable = (manifest("Deployment", f"apps/{version}") for version in ("v1beta2", "v1"))
    assert ref_of(beta) == ref_of(stable) == ("apps", "Deployment", "", "a")
    assert ref_of(manifest("Deployment", "extensions/v1beta1")) != ref_of(stable)


def test_objects_are_applied_after_those_that_they_need() -> None:
    kinds = [
        "Namespace", "CustomResourceDefinition", "PodSecurityPolicy", "PriorityClass",
        "ServiceAccount", "Secret", "ConfigMap", "StorageClass", "ClusterRole", "Role",
        "ClusterRoleBinding", "RoleBinding", "Service", "Deployment", "DaemonSet", "StatefulSet",
        "Pool", "MutatingWebhookConfiguration",
    ]  # fmt: skip
    for seed in range(5):
        objects = [manifest(kind) for kind in kinds]
        random.Random(seed).shuffle(objects)  # noqa: S311 - not for secrets
        assert [entry["kind"] for entry in in_apply_order(objects)] == kinds


def test_kinds_of_the_same_rank_keep_their_order() -> None:
    kinds = ["Pool", "Issuer", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"]
    assert [entry["kind"] for entry in in_apply_order(map(manifest, kinds))] == kinds
    assert [entry["kind"] for entry in in_apply_order(map(manifest, reversed(kinds)))] == [
        "Issuer", "Pool", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
    ]  # fmt: skip


def test_definition_adds_its_served_versions() -> None:
    names = {"kind": "Pool", "plural": "pools"}
    versions = [
        {"name": "v1", "served": True},
        {"name": "v1alpha1", "served": False},
    ]
    definition = manifest("CustomResourceDefinition")
    definition["spec"] = {"group": "lab.example", "names": names, "versions": versions}
    assert kinds_defined_by(definition) == [("lab.example/v1", "Pool")]
    definition["spec"] = {"group": "lab.example", "names": names, "version": "v1beta1"}
    assert kinds_defined_by(definition) == [("lab.example/v1beta1", "Pool")]
    assert kinds_defined_by(manifest("ConfigMap")) == []
