"""Components are excluded from an archive, and refused for YAML that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow import generated
from helpers.kubeflow.kustomize_standin import SMALL, BuildSite, in_order, names, written
from kubeflow_installer.sources import exclusions
from kubeflow_installer.transform.namespaces import with_fitting_namespaces
from labcharm.errors import BlockedError


def test_components_are_excluded_by_their_directories(site: BuildSite, archive_path: Path) -> None:
    """A directory within a component is no name; the dashboard has an overlay kserve."""
    remaining = names(site.objects(archive_path, ["katib", "kserve", "jupyter"]))

    assert remaining == ["centraldashboard", "kubeflow"]
    assert names(site.objects(archive_path, ["notebook-controller"])) == [
        "centraldashboard", "jupyter-config", "katib-config", "kserve-config", "kubeflow",
    ]  # fmt: skip


def test_unknown_component_is_refused(site: BuildSite, archive_path: Path) -> None:
    """The message lists the components that the archive has."""
    with pytest.raises(BlockedError) as caught:
        site.objects(archive_path, ["katib", "kaitb", "overlays"])

    assert str(caught.value) == (
        "excluded-components names kaitb, overlays, which the manifests do not have; use names"
        " from centraldashboard, jupyter, jupyter-web-app, katib, kserve, kubeflow-namespace,"
        " notebook-controller"
    )
    assert site.homes == []


def test_default_of_the_option_excludes_nothing(site: BuildSite, archive_path: Path) -> None:
    """The usage reporter is a component of the releases by kfctl alone."""
    assert names(site.objects(archive_path, ["spartakus"])) == names(SMALL)


def test_components_are_named_by_their_paths() -> None:
    """As the releases' lists have them."""
    paths = {
        "../common/istio-1-17/istio-install/base": ("istio-1-17", "istio-install"),
        "../apps/centraldashboard/upstream/overlays/kserve": ("centraldashboard",),
        "../apps/pvcviewer-controller/upstream/base/": ("pvcviewer-controller",),
        "../contrib/kserve/models-web-app/overlays/kubeflow": ("kserve", "models-web-app"),
        "../applications/pipeline/overlays": ("pipeline",),
        "../applications/profiles/pss": ("profiles", "pss"),
        "../common/oauth2-proxy/overlays/m2m-dex-only": ("oauth2-proxy",),
        "local.yaml": ("local.yaml",),
    }
    assert {path: exclusions._names(path) for path in paths} == paths


def test_exclusions_must_hold_for_built_yaml(site: BuildSite, tmp_path: Path) -> None:
    """YAML may have been built without a component; the others cannot be removed."""
    built = [row for row in generated.objects("1.10.2") if "katib" not in str(row["metadata"])]
    path = written(tmp_path / "manifests.yaml", generated.as_yaml(built))

    assert in_order(site.objects(path, ["katib"])) == in_order(with_fitting_namespaces(built))
    with pytest.raises(BlockedError) as caught:
        site.objects(path, ["kserve", "katib", "nothing"])
    assert str(caught.value) == (
        "kserve, nothing cannot be excluded from YAML that is already built; build it without, or"
        " attach the manifests' archive"
    )
