"""Which component brings which objects is recorded from upstream's manifests."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from helpers.recorders import kubeflow_components as record_components
from helpers.recorders import kubeflow_inventory as record_inventory
from kubeflow_installer.releases import components
from kubeflow_installer.releases.inventory import load

# A clone of kubeflow/manifests.
MANIFESTS = os.environ.get("BOTLAB_MANIFESTS", "")
KUSTOMIZE = os.environ.get("BOTLAB_KUSTOMIZE") or shutil.which("kustomize") or ""


@pytest.mark.parametrize("release", record_components.RELEASES)
def test_components_together_are_the_release(release: str) -> None:
    """Each namespace, workload and claim belongs to a component, and nothing else does."""
    names = json.loads((record_components.TARGET / f"{release}.json").read_text("utf-8"))
    every = {name for component in names for name in component.split("/")}

    assert components.exclusive_objects(release, every) == load(release).object_keys()
    assert components.exclusive_objects(release, []) == set()


@pytest.mark.parametrize("release", record_components.RELEASES)
def test_components_are_recorded_from_a_build(release: str) -> None:
    """They are written by a script, never by hand."""
    if not MANIFESTS or not KUSTOMIZE:
        pytest.skip("BOTLAB_MANIFESTS names no clone of kubeflow/manifests, or no kustomize")
    recorded = record_components.read(Path(MANIFESTS), KUSTOMIZE, release)
    path = record_components.TARGET / f"{release}.json"

    assert path.read_text(encoding="utf-8") == record_components.as_json(recorded)


@pytest.mark.parametrize("release", ["0.6.2", "0.7.1", "1.0.2"])
def test_components_of_old_kfctl_releases_are_unknown(release: str) -> None:
    """Kfctl merges and renames what it takes from the trees of these releases."""
    assert release in record_inventory.KFCTL
    assert components.exclusive_objects(release, ["knative"]) is None
    assert components.missing_objects(release, [], []) == set()


@pytest.mark.parametrize("release", ["1.2.0", "1.7.0", "1.10.2", "26.03"])
def test_component_brings_its_namespace(release: str) -> None:
    """Except where another component brings the namespace too."""
    keys = components.exclusive_objects(release, ["spartakus", "knative", "cert-manager"])

    assert keys is not None
    assert ("Namespace", "", "knative-serving") in keys
    assert ("Deployment", "knative-serving", "activator") in keys
    assert ("Namespace", "", "kubeflow") not in keys
    # In 1.2.0 three components bring it.
    assert (("Namespace", "", "cert-manager") in keys) == (release != "1.2.0")


def test_missing_objects_exclude_those_of_excluded_components() -> None:
    """A component of which every object is missing is named."""
    every = load("1.10.2").object_keys()
    katib = components.exclusive_objects("1.10.2", ["katib"])
    assert katib is not None
    dashboard = ("Deployment", "kubeflow", "centraldashboard")

    assert len(katib) == 5
    assert components.missing_objects("1.10.2", ["katib"], every - katib) == set()
    assert components.missing_objects("1.10.2", [], every - katib - {dashboard}) == {
        *katib,
        dashboard,
    }
    assert components.missing_components("1.10.2", katib) == ["katib"]
    assert components.missing_components("1.10.2", {*katib} - {sorted(katib)[0]}) == []
