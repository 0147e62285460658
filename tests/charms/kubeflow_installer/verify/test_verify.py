"""The checks of the release in `verify`: it expects everything that the site did not exclude."""

from __future__ import annotations

import pytest

from helpers.kubeflow import generated
from helpers.kubeflow.manifests import JsonObject
from kubeflow_installer.releases import components, inventory
from kubeflow_installer.releases.inventory import Inventory, load
from kubeflow_installer.verify import verify

EXCLUDED = ("spartakus", "knative", "katib")


def objects_without(release: str, names: tuple[str, ...]) -> list[JsonObject]:
    """Return a release's objects without those of some components."""
    absent = components.exclusive_objects(release, names)
    assert absent is not None
    objects = generated.objects(release)
    return [manifest for manifest in objects if inventory.object_key(manifest) not in absent]


def sizes(table: Inventory) -> tuple[int, int, int]:
    """Return how many namespaces, workloads and claims an inventory has."""
    return len(table.namespaces), len(table.workloads), len(table.claims)


def test_excluded_component_is_not_expected() -> None:
    """Neither are its namespaces, because nothing would ever create them."""
    objects = objects_without("1.10.2", EXCLUDED)
    expected = verify.expected_inventory("1.10.2", EXCLUDED, objects)

    assert "knative-serving" not in expected.namespaces
    assert "kubeflow" in expected.namespaces
    assert sizes(expected) == (5, 39, 2)
    assert sizes(load("1.10.2")) == (6, 49, 3)
    assert verify.release_check("1.10.2", EXCLUDED, objects).ok


@pytest.mark.parametrize("release", ["1.2.0", "1.7.0", "26.03"])
def test_part_of_a_release_fails_the_check(release: str) -> None:
    """Whatever the manifests contain, everything that was not excluded is expected."""
    objects = objects_without(release, ("knative",))
    part = [
        manifest
        for manifest in objects
        if manifest["kind"] != "StatefulSet" and "dex" not in str(manifest)
    ]
    expected = verify.expected_inventory(release, ["knative"], part)
    check = verify.release_check(release, ["knative"], part)

    assert expected == verify.expected_inventory(release, ["knative"], objects)
    assert ("Deployment", "auth", "dex") in expected.workloads
    assert not check.ok
    assert check.message.startswith(f"manifests: objects of Kubeflow {release} are missing: ")
    assert "Deployment auth/dex" in check.message


def test_absent_component_is_named() -> None:
    """It may have been excluded on purpose when the YAML was built."""
    check = verify.release_check("1.10.2", ["spartakus"], objects_without("1.10.2", ("katib",)))

    assert not check.ok
    assert check.message == (
        "manifests: objects of Kubeflow 1.10.2 are missing: Deployment kubeflow/katib-controller,"
        " Deployment kubeflow/katib-db-manager, Deployment kubeflow/katib-mysql and 2 more; use"
        " the release's own manifests, or exclude them: add katib to excluded-components"
    )


def test_kfctl_objects_define_what_is_expected_of_the_first_releases() -> None:
    """It is unknown which component brings what; an excluded namespace is not expected."""
    objects = [
        manifest for manifest in generated.objects("1.0.2") if "knative" not in str(manifest)
    ]
    expected = verify.expected_inventory("1.0.2", ["knative-install"], objects)

    assert "knative-serving" not in expected.namespaces
    assert "auth" in expected.namespaces
    namespaces = [namespace for _, namespace, _ in expected.workloads]
    assert "knative-serving" not in namespaces
    assert verify.release_check("1.0.2", ["knative-install"], objects).ok
