"""The stages in which objects are applied: each finds what it needs in the ones before it."""

from __future__ import annotations

import pytest

from helpers.kubeflow import generated
from helpers.kubeflow.manifests import JsonObject
from helpers.kubeflow.manifests import manifest as named_manifest
from kubeflow_installer.reconcile import stages as stages_module
from kubeflow_installer.reconcile.stages import stages
from kubeflow_installer.transform.namespaces import with_fitting_namespaces

RELEASES = ("0.6.2", "1.0.2", "1.2.0", "1.7.0", "1.8.1", "1.10.2", "26.03")
MUTATING, VALIDATING = "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"


def key(manifest: JsonObject) -> tuple[str, str, str, str]:
    """Return what identifies an object."""
    metadata = manifest["metadata"]
    namespace = metadata.get("namespace", "")
    return manifest["apiVersion"], manifest["kind"], namespace, metadata["name"]


def manifest(api_version: str, kind: str, **fields: object) -> JsonObject:
    """Return an object whose name does not matter."""
    return named_manifest(api_version, kind, "it", **fields)


def webhook(kind: str, *resources: str, group: str = "") -> JsonObject:
    """Return a webhook configuration with one webhook for resources of a group."""
    rule = {"apiGroups": [group], "resources": list(resources)}
    webhooks = [{"name": "a.b.c"}, {"name": "d.e.f", "rules": [rule]}]
    return manifest("admissionregistration.k8s.io/v1", kind, webhooks=webhooks)


@pytest.mark.parametrize("release", RELEASES)
def test_every_object_is_in_exactly_one_stage(release: str) -> None:
    """The order within a stage stays."""
    objects = with_fitting_namespaces(generated.objects(release))
    staged = stages(objects)

    keys = sorted(key(entry) for _, stage in staged for entry in stage)
    assert keys == sorted(map(key, objects))
    for _, stage in staged:
        assert stage == [entry for entry in objects if entry in stage]


def test_webhooks_of_pods_precede_workloads_and_the_others_come_last() -> None:
    """The other webhooks look at objects of earlier stages."""
    staged = stages(generated.objects("1.10.2"))

    assert [name for name, _ in staged] == list(stages_module.STAGES)
    by_name = dict(staged)
    assert {entry["kind"] for entry in by_name[stages_module.POD_WEBHOOKS]} == {MUTATING}
    assert {entry["kind"] for entry in by_name[stages_module.WORKLOADS]} == {
        "Deployment", "StatefulSet", "DaemonSet",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "stage"),
    [
        (manifest("v1", "Namespace"), stages_module.DEFINITIONS),
        (manifest("v1", "PersistentVolumeClaim"), stages_module.SETTINGS),
        (manifest("policy/v1beta1", "PodDisruptionBudget"), stages_module.SETTINGS),
        (manifest("scheduling.k8s.io/v1", "PriorityClass"), stages_module.SETTINGS),
        (manifest("batch/v1", "Job"), stages_module.WORKLOADS),
        (manifest("extensions/v1beta1", "Deployment"), stages_module.WORKLOADS),
        (manifest("kubeflow.org/v1", "Profile"), stages_module.RESOURCES),
        (webhook(MUTATING, "pods"), stages_module.POD_WEBHOOKS),
        (webhook(MUTATING, "*"), stages_module.POD_WEBHOOKS),
        (webhook(MUTATING, "pods", group="metrics.k8s.io"), stages_module.WEBHOOKS),
        (webhook(MUTATING, "experiments", group="kubeflow.org"), stages_module.WEBHOOKS),
        (webhook(VALIDATING, "pods"), stages_module.WEBHOOKS),
        (manifest("apiregistration.k8s.io/v1", "APIService"), stages_module.WEBHOOKS),
    ],
)
def test_stage_of_a_kind(entry: JsonObject, stage: str) -> None:
    """An APIService without pods would break discovery, so it comes last too."""
    assert [name for name, _ in stages([entry])] == [stage]


def test_defined_kind_in_a_group_of_the_server_is_a_custom_resource() -> None:
    """A definition's group may end in .k8s.io."""
    names = {"kind": "Application", "plural": "applications"}
    spec = {"group": "app.k8s.io", "names": names, "scope": "Namespaced"}
    definition = manifest("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", spec=spec)
    staged = dict(stages([manifest("app.k8s.io/v1beta1", "Application"), definition]))

    (application,) = staged[stages_module.RESOURCES]
    assert application["kind"] == "Application"
    assert application["metadata"]["namespace"] == "default"


def test_objects_have_a_namespace_exactly_if_their_kind_has_one() -> None:
    """Upstream omits some and writes others where the kind has none."""
    spec = {"group": "kubeflow.org", "names": {"kind": "Profile"}, "scope": "Cluster"}
    objects = [
        manifest("v1", "ConfigMap"),
        manifest("rbac.authorization.k8s.io/v1", "ClusterRole"),
        manifest("kubeflow.org/v1", "Profile"),
        manifest("example.org/v1", "Unknown"),
        manifest("v1", "Secret"),
    ]
    for entry in objects[1:]:
        entry["metadata"]["namespace"] = "kubeflow"
    objects.append(manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", spec=spec))
    before = [key(entry) for entry in objects]
    fitted = with_fitting_namespaces(objects)

    assert [entry["metadata"].get("namespace") for entry in fitted] == [
        "default", None, None, "kubeflow", "kubeflow", None,
    ]  # fmt: skip
    assert [key(entry) for entry in objects] == before
    assert with_fitting_namespaces(fitted) == fitted


def test_objects_with_the_right_namespace_are_not_copied() -> None:
    """There are many, and some are large."""
    objects = with_fitting_namespaces(generated.objects("1.10.2"))
    again = with_fitting_namespaces(objects)
    assert all(first is second for first, second in zip(objects, again, strict=True))
