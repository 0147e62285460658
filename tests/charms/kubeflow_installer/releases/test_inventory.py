"""Inventories and components agree with each other and with upstream's manifests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from helpers.recorders import kubeflow_inventory as record_inventory
from kubeflow_installer.releases import inventory as inventory_module
from kubeflow_installer.releases.inventory import Inventory, load
from kubeflow_installer.releases.table import ReleaseError, all_releases
from kubeflow_installer.transform.image_names import in_registry

REFERENCE = os.environ.get("BOTLAB_REFERENCE", "")
# A clone of kubeflow/manifests.
MANIFESTS = os.environ.get("BOTLAB_MANIFESTS", "")
KUSTOMIZE = os.environ.get("BOTLAB_KUSTOMIZE") or shutil.which("kustomize") or ""
# Deployments, StatefulSets and DaemonSets; claims; definitions, by release. As upstream has them.
COUNTS = {
    "0.6.2": (50, 4, 73),
    "0.7.1": (47, 5, 78),
    "1.0.2": (53, 5, 61),
    "1.2.0": (57, 5, 66),
    "1.7.0": (49, 4, 75),
    "1.8.1": (50, 4, 77),
    "1.9.1": (45, 3, 66),
    "1.10.2": (49, 3, 71),
    "1.11.0": (50, 3, 70),
    "26.03": (51, 3, 74),
}
NODES = "kube-system"


@pytest.fixture(params=COUNTS)
def inventory(request: pytest.FixtureRequest) -> Inventory:
    """Return each release's inventory."""
    return load(request.param)


def test_inventory_is_complete(inventory: Inventory) -> None:
    """The counts are those of upstream's manifests."""
    counts = (len(inventory.workloads), len(inventory.claims), len(inventory.definitions))

    assert counts == COUNTS[inventory.release]


def test_every_release_has_an_inventory() -> None:
    """Images, foreign objects and what to remove are read from it."""
    assert list(COUNTS) == [release.name for release in all_releases()]


@pytest.mark.parametrize("release", record_inventory.RELEASES)
def test_inventories_are_recorded_from_the_lists(release: str) -> None:
    """They are written by a script, never by hand."""
    if not REFERENCE:
        pytest.skip("BOTLAB_REFERENCE names no directory with upstream's lists")
    directory = Path(REFERENCE)
    inside = directory / "kubeflow"
    recorded = record_inventory.read(inside if inside.is_dir() else directory, release)

    assert recorded_text(release) == record_inventory.as_json(recorded)


@pytest.mark.parametrize("release", record_inventory.BUILT)
def test_inventories_without_a_list_are_recorded_from_a_build(release: str) -> None:
    """They are written by a script, never by hand."""
    if not MANIFESTS or not KUSTOMIZE:
        pytest.skip("BOTLAB_MANIFESTS names no clone of kubeflow/manifests, or no kustomize")
    recorded = record_inventory.build(Path(MANIFESTS), KUSTOMIZE, release)

    assert recorded_text(release) == record_inventory.as_json(recorded)


def recorded_text(release: str) -> str:
    """Return the text of an inventory's file."""
    return (record_inventory.TARGET / f"{release}.json").read_text(encoding="utf-8")


def test_rows_are_sorted_and_unique(inventory: Inventory) -> None:
    """So a change is easy to read."""
    for name in inventory._fields[1:]:
        rows = getattr(inventory, name)
        assert list(rows) == sorted(set(rows)), name


def test_names_agree_with_each_other(inventory: Inventory) -> None:
    """Workloads and claims are in the release's namespaces, except those that serve nodes."""
    assert {namespace for _, namespace, _ in inventory.workloads} - {NODES} <= set(
        inventory.namespaces
    )
    assert {namespace for namespace, _ in inventory.claims} <= {"kubeflow", "istio-system"}
    assert {kind for kind, _, _ in inventory.workloads} <= set(record_inventory.WORKLOADS)
    assert {kind for kind, _ in inventory.webhooks} <= set(record_inventory.WEBHOOKS)
    assert ("istio-system", "istio-ingressgateway") in inventory.services
    assert "kubeflow" in inventory.namespaces
    assert all("." in name for name in inventory.definitions)


def test_images_are_complete(inventory: Inventory) -> None:
    """No variable is left in one, and no two would be the same in a site's registry."""
    renamed = {in_registry(image, "reg.lab:5000/kf") for image in inventory.images}

    assert len(renamed) == len(inventory.images)
    assert not [image for image in inventory.images if "$" in image or " " in image]
    assert not [image for image in inventory.images if in_registry(image, "") != image]


def test_objects_made_at_run_time_are_not_removed_otherwise(inventory: Inventory) -> None:
    """What is in a namespace of the release, or brought by it, is removed with that."""
    keys = {("CustomResourceDefinition", name) for name in inventory.definitions}
    keys |= set(inventory.webhooks)
    for api_version, kind, namespace, name in inventory.at_run_time:
        assert namespace not in inventory.namespaces
        assert (kind, name) not in keys
        is_cluster_wide = kind in record_inventory.CLUSTER_WIDE
        assert (namespace == "") == is_cluster_wide
        # Servers up to 1.21 have the beta, those from 1.16 on the other.
        is_beta = inventory.release in record_inventory.KFCTL
        assert api_version.endswith("v1beta1") == (is_cluster_wide and is_beta)


def test_objects_made_at_run_time_have_unique_names(inventory: Inventory) -> None:
    """controller-runtime's own names are used by every program that gives none."""
    names = {name for _, _, _, name in inventory.at_run_time}

    assert not names & {"mutating-webhook-configuration", "validating-webhook-configuration"}


def test_selected_facts() -> None:
    """As the lists have them."""
    inventory = load("1.10.2")

    assert ("DaemonSet", NODES, "istio-cni-node") in inventory.workloads
    assert ("Deployment", "istio-system", "istiod") in inventory.workloads
    assert inventory.claims == (
        ("kubeflow", "katib-mysql"), ("kubeflow", "minio-pvc"), ("kubeflow", "mysql-pv-claim"),
    )  # fmt: skip
    assert "ghcr.io/kubeflow/katib/suggestion-hyperopt:v0.18.0" in inventory.images
    # kfctl's own: the platform's archive has no list of them.
    assert "gateways.networking.istio.io" in load("0.6.2").definitions
    assert ("Deployment", "kubeflow", "workflow-controller") in load("26.03").workloads
    galley = ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", "",
              "istio-galley")  # fmt: skip
    assert galley in load("0.6.2").at_run_time
    assert galley not in inventory.at_run_time
    # What the programs of the newest servers of kfctl, and of the oldest of manifests, leave.
    assert {galley, ("v1", "Secret", "default", "istio.default")} <= set(load("1.2.0").at_run_time)
    assert ("v1", "ConfigMap", "default", "istio-ca-root-cert") in load("1.7.0").at_run_time
    assert "docker.io/kubeflowkatib/katib-controller:v0.15.0" in load("1.7.0").images
    assert "gcr.io/ml-pipeline/api-server:1.0.4" in load("1.2.0").images


@pytest.mark.parametrize("name", ["9.9.9", "", "../inventory/1.10.2x", "../../config"])
def test_release_without_an_inventory_is_refused(name: str) -> None:
    """It does not count as an empty one, and no name leads to another file."""
    assert not inventory_module.exists(name)
    with pytest.raises(ReleaseError, match="has no inventory of what Kubeflow"):
        load(name)
