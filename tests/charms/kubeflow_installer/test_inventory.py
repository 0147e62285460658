"""The tables of facts hold what they say, and are what the lists of upstream's manifests say."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from helpers.recorders import kubeflow_components as record_components
from helpers.recorders import kubeflow_inventory as record_inventory
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases import table as table_module
from kubeflow_installer.releases.inventory import Inventory, load
from kubeflow_installer.transform import images

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
def table(request: pytest.FixtureRequest) -> Inventory:
    """Return each release's table."""
    return load(request.param)


def test_counts(table: Inventory) -> None:
    """Nothing was lost on the way."""
    found = (len(table.workloads), len(table.claims), len(table.definitions))

    assert found == COUNTS[table.release]


def test_every_release_has_a_table() -> None:
    """Else nothing is told of its images, of objects of others, or left to take away."""
    assert list(COUNTS) == [release.name for release in table_module.RELEASES]


@pytest.mark.parametrize("release", record_inventory.RELEASES)
def test_the_tables_are_the_lists(release: str) -> None:
    """They are written by a script, never by hand."""
    if not REFERENCE:
        pytest.skip("BOTLAB_REFERENCE names no folder with upstream's lists")
    folder = Path(REFERENCE)
    inside = folder / "kubeflow"
    table = record_inventory.read(inside if inside.is_dir() else folder, release)

    assert kept(release) == record_inventory.text(table)


@pytest.mark.parametrize("release", record_inventory.BUILT)
def test_the_tables_are_what_is_built(release: str) -> None:
    """Of those that nobody listed."""
    if not MANIFESTS or not KUSTOMIZE:
        pytest.skip("BOTLAB_MANIFESTS names no clone of kubeflow/manifests, or no kustomize")
    table = record_inventory.build(Path(MANIFESTS), KUSTOMIZE, release)

    assert kept(release) == record_inventory.text(table)


def kept(release: str) -> str:
    """Return a table's text."""
    return (record_inventory.TARGET / f"{release}.json").read_text(encoding="utf-8")


def test_the_rows_are_sorted_and_each_once(table: Inventory) -> None:
    """So a change shows as what it is."""
    for name in table._fields[1:]:
        rows = getattr(table, name)
        assert list(rows) == sorted(set(rows)), name


def test_names_fit_each_other(table: Inventory) -> None:
    """Workloads and claims are in the release's namespaces, but what serves nodes."""
    assert {namespace for _, namespace, _ in table.workloads} - {NODES} <= set(table.namespaces)
    assert {namespace for namespace, _ in table.claims} <= {"kubeflow", "istio-system"}
    assert {kind for kind, _, _ in table.workloads} <= set(record_inventory.WORKLOADS)
    assert {kind for kind, _ in table.webhooks} <= set(record_inventory.WEBHOOKS)
    assert ("istio-system", "istio-ingressgateway") in table.services
    assert "kubeflow" in table.namespaces
    assert all("." in name for name in table.definitions)


def test_images_are_whole(table: Inventory) -> None:
    """No variable is left in one, and no two would be the same in a site's registry."""
    placed = {images.placed(image, "reg.lab:5000/kf") for image in table.images}

    assert len(placed) == len(table.images)
    assert not [image for image in table.images if "$" in image or " " in image]
    assert not [image for image in table.images if images.placed(image, "") != image]


def test_what_is_made_at_run_time_is_left_by_nothing_else(table: Inventory) -> None:
    """What is in a namespace of the release, or brought by it, goes with that."""
    brought = {("CustomResourceDefinition", name) for name in table.definitions}
    brought |= set(table.webhooks)
    for api_version, kind, namespace, name in table.at_run_time:
        assert namespace not in table.namespaces
        assert (kind, name) not in brought
        cluster_wide = kind in record_inventory.CLUSTER_WIDE
        assert (namespace == "") == cluster_wide
        # Servers up to 1.21 have the beta, those from 1.16 on the other.
        beta = table.release in record_inventory.KFCTL
        assert api_version.endswith("v1beta1") == (cluster_wide and beta)


def test_nothing_at_run_time_has_a_name_that_may_be_anybodys(table: Inventory) -> None:
    """controller-runtime's own names are used by every program that gives none."""
    names = {name for _, _, _, name in table.at_run_time}

    assert not names & {"mutating-webhook-configuration", "validating-webhook-configuration"}


# What components bring.


@pytest.mark.parametrize("release", record_components.RELEASES)
def test_components_are_the_release(release: str) -> None:
    """Each namespace, workload and claim is some component's, and nothing else is."""
    names = json.loads((record_components.TARGET / f"{release}.json").read_text("utf-8"))
    every = {name for component in names for name in component.split("/")}

    assert inventory.brought(release, every) == inventory.rows(load(release))
    assert inventory.brought(release, []) == set()


@pytest.mark.parametrize("release", record_components.RELEASES)
def test_components_are_what_is_built(release: str) -> None:
    """They are written by a script, never by hand."""
    if not MANIFESTS or not KUSTOMIZE:
        pytest.skip("BOTLAB_MANIFESTS names no clone of kubeflow/manifests, or no kustomize")
    table = record_components.read(Path(MANIFESTS), KUSTOMIZE, release)
    path = record_components.TARGET / f"{release}.json"

    assert path.read_text(encoding="utf-8") == record_components.text(table)


@pytest.mark.parametrize("release", sorted(set(COUNTS) - set(record_components.RELEASES)))
def test_components_that_nobody_knows(release: str) -> None:
    """What kfctl takes from the trees of these, it merges and renames."""
    assert release in record_inventory.KFCTL
    assert inventory.brought(release, ["knative"]) is None
    assert inventory.lacking(release, [], []) == set()


@pytest.mark.parametrize("release", ["1.2.0", "1.7.0", "1.10.2", "26.03"])
def test_a_component_takes_its_namespace_along(release: str) -> None:
    """But none that another component brings too."""
    left_out = inventory.brought(release, ["spartakus", "knative", "cert-manager"])

    assert left_out is not None
    assert ("Namespace", "", "knative-serving") in left_out
    assert ("Deployment", "knative-serving", "activator") in left_out
    assert ("Namespace", "", "kubeflow") not in left_out
    # In 1.2.0 three components bring it.
    assert (("Namespace", "", "cert-manager") in left_out) == (release != "1.2.0")


def test_what_is_lacking_but_for_what_was_left_out() -> None:
    """By the rows; a component of which nothing is there is named."""
    every = inventory.rows(load("1.10.2"))
    katib = inventory.brought("1.10.2", ["katib"])
    assert katib is not None
    lost = ("Deployment", "kubeflow", "centraldashboard")

    assert len(katib) == 5
    assert inventory.lacking("1.10.2", ["katib"], every - katib) == set()
    assert inventory.lacking("1.10.2", [], every - katib - {lost}) == {*katib, lost}
    assert inventory.components("1.10.2", katib) == ["katib"]
    assert inventory.components("1.10.2", {*katib} - {sorted(katib)[0]}) == []


def test_some_facts() -> None:
    """As they stand in the lists."""
    table = load("1.10.2")

    assert ("DaemonSet", NODES, "istio-cni-node") in table.workloads
    assert ("Deployment", "istio-system", "istiod") in table.workloads
    assert table.claims == (
        ("kubeflow", "katib-mysql"), ("kubeflow", "minio-pvc"), ("kubeflow", "mysql-pv-claim"),
    )  # fmt: skip
    assert "ghcr.io/kubeflow/katib/suggestion-hyperopt:v0.18.0" in table.images
    # kfctl's own: the platform's archive has no list of them.
    assert "gateways.networking.istio.io" in load("0.6.2").definitions
    assert ("Deployment", "kubeflow", "workflow-controller") in load("26.03").workloads
    galley = ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", "",
              "istio-galley")  # fmt: skip
    assert galley in load("0.6.2").at_run_time
    assert galley not in table.at_run_time
    # What the programs of the newest servers of kfctl, and of the oldest of manifests, leave.
    assert {galley, ("v1", "Secret", "default", "istio.default")} <= set(load("1.2.0").at_run_time)
    assert ("v1", "ConfigMap", "default", "istio-ca-root-cert") in load("1.7.0").at_run_time
    assert "docker.io/kubeflowkatib/katib-controller:v0.15.0" in load("1.7.0").images
    assert "gcr.io/ml-pipeline/api-server:1.0.4" in load("1.2.0").images


@pytest.mark.parametrize("name", ["9.9.9", "", "../inventory/1.10.2x", "../../config"])
def test_a_release_without_a_table(name: str) -> None:
    """It is no empty one, and no name leads to another file."""
    assert not inventory.is_kept(name)
    with pytest.raises(table_module.ReleaseError, match="keeps no table of what Kubeflow"):
        load(name)
