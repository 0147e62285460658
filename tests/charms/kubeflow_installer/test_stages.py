"""Objects are applied in stages, each of which has what it needs."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.kubeflow import generated
from kubeflow_installer.reconcile import stages as stages_module
from kubeflow_installer.reconcile.stages import scoped, stages

Object = dict[str, Any]
RELEASES = ("0.6.2", "1.0.2", "1.2.0", "1.7.0", "1.8.1", "1.10.2", "26.03")


def ref(found: Object) -> tuple[str, str, str, str]:
    """Return what an object is found by."""
    metadata = found["metadata"]
    return found["apiVersion"], found["kind"], metadata.get("namespace", ""), metadata["name"]


def one(api: str, kind: str, **more: Any) -> Object:
    """Return an object."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "it"}, **more}


def webhook(kind: str, *resources: str, group: str = "") -> Object:
    """Return a webhook configuration with one webhook for resources of a group."""
    rule = {"apiGroups": [group], "resources": list(resources)}
    api = "admissionregistration.k8s.io/v1"
    return one(api, kind, webhooks=[{"name": "a.b.c"}, {"name": "d.e.f", "rules": [rule]}])


MUTATING, VALIDATING = "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"


@pytest.mark.parametrize("release", RELEASES)
def test_every_object_is_in_one_stage(release: str) -> None:
    """None is lost, none is there twice, and the order within a stage stays."""
    objects = scoped(generated.objects(release))
    found = stages(objects)

    assert sorted(ref(one) for _, stage in found for one in stage) == sorted(map(ref, objects))
    for _, stage in found:
        assert stage == [one for one in objects if one in stage]


def test_the_order_of_the_stages() -> None:
    """Webhooks of pods stand before pods, the others behind what they look at."""
    found = stages(generated.objects("1.10.2"))

    assert [name for name, _ in found] == list(stages_module.STAGES)
    assert {one["kind"] for one in dict(found)[stages_module.POD_WEBHOOKS]} == {MUTATING}
    assert {one["kind"] for one in dict(found)[stages_module.WORKLOADS]} == {
        "Deployment", "StatefulSet", "DaemonSet",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("found", "stage"),
    [
        (one("v1", "Namespace"), stages_module.DEFINITIONS),
        (one("v1", "PersistentVolumeClaim"), stages_module.SETTINGS),
        (one("policy/v1beta1", "PodDisruptionBudget"), stages_module.SETTINGS),
        (one("scheduling.k8s.io/v1", "PriorityClass"), stages_module.SETTINGS),
        (one("batch/v1", "Job"), stages_module.WORKLOADS),
        (one("extensions/v1beta1", "Deployment"), stages_module.WORKLOADS),
        (one("kubeflow.org/v1", "Profile"), stages_module.RESOURCES),
        (webhook(MUTATING, "pods"), stages_module.POD_WEBHOOKS),
        (webhook(MUTATING, "*"), stages_module.POD_WEBHOOKS),
        (webhook(MUTATING, "pods", group="metrics.k8s.io"), stages_module.WEBHOOKS),
        (webhook(MUTATING, "experiments", group="kubeflow.org"), stages_module.WEBHOOKS),
        (webhook(VALIDATING, "pods"), stages_module.WEBHOOKS),
        (one("apiregistration.k8s.io/v1", "APIService"), stages_module.WEBHOOKS),
    ],
)
def test_where_a_kind_belongs(found: Object, stage: str) -> None:
    """A server of the API without pods would break discovery, so it comes last too."""
    assert [name for name, _ in stages([found])] == [stage]


def test_a_kind_of_ours_that_looks_like_the_servers() -> None:
    """A definition's group may end in .k8s.io: its objects are custom resources all the same."""
    names = {"kind": "Application", "plural": "applications"}
    spec = {"group": "app.k8s.io", "names": names, "scope": "Namespaced"}
    definition = one("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", spec=spec)
    found = dict(stages([one("app.k8s.io/v1beta1", "Application"), definition]))

    assert [one["kind"] for one in found[stages_module.RESOURCES]] == ["Application"]
    assert found[stages_module.RESOURCES][0]["metadata"]["namespace"] == "default"


def test_namespaces_just_where_a_kind_has_them() -> None:
    """Upstream leaves one out and writes others where there are none."""
    definition = {"group": "kubeflow.org", "names": {"kind": "Profile"}, "scope": "Cluster"}
    objects = [
        one("v1", "ConfigMap"),
        one("rbac.authorization.k8s.io/v1", "ClusterRole"),
        one("kubeflow.org/v1", "Profile"),
        one("example.org/v1", "Unknown"),
        one("v1", "Secret"),
    ]
    for found in objects[1:]:
        found["metadata"]["namespace"] = "kubeflow"
    objects.append(one("apiextensions.k8s.io/v1", "CustomResourceDefinition", spec=definition))
    before = [ref(found) for found in objects]

    assert [found["metadata"].get("namespace") for found in scoped(objects)] == [
        "default", None, None, "kubeflow", "kubeflow", None,
    ]  # fmt: skip
    assert [ref(found) for found in objects] == before
    assert scoped(scoped(objects)) == scoped(objects)


def test_objects_that_are_right_are_not_copied() -> None:
    """There are many, and some are large."""
    objects = scoped(generated.objects("1.10.2"))

    assert all(one is other for one, other in zip(objects, scoped(objects), strict=True))
