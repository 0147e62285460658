"""Where a site pulls images from."""

from __future__ import annotations

import pytest

from helpers.kubeflow.transform_cases import UPSTREAM, config_map, container_of, workload
from kubeflow_installer.transform import transform as transform_module
from kubeflow_installer.transform.images import images_of
from kubeflow_installer.transform.site_images import SiteImages
from kubeflow_installer.transform.transform import transform_object
from labcharm.json_types import JsonObject

PROXY = "gcr.io/kubebuilder/kube-rbac-proxy:v0.8.0"
REPLACED = "quay.io/brancz/kube-rbac-proxy:v0.8.0"
MINIO = "gcr.io/ml-pipeline/minio:RELEASE.2019-08-14T20-37-41Z-license-compliance"
API_SERVER = "gcr.io/ml-pipeline/api-server:2.0.5"
OWN = (MINIO, "reg.lab:5000/own/minio:1")
HERE = (API_SERVER, "reg.lab:5000/pipelines:2.0.5")


@pytest.mark.parametrize(
    ("site", "image", "name"),
    [
        (SiteImages(), PROXY, REPLACED),
        (SiteImages(), MINIO, MINIO),
        (SiteImages(), "ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        # The mirror has each image under the path that upstream gave it.
        (SiteImages("reg.lab/m"), PROXY, "reg.lab/m/kubebuilder/kube-rbac-proxy:v0.8.0"),
        (SiteImages("reg.lab/m", (OWN,)), *OWN),
        (SiteImages("reg.lab/m", (OWN,)), OWN[1], OWN[1]),
        (SiteImages("", (OWN,)), *OWN),
        (SiteImages("", ((PROXY, "reg.lab/p:1"),)), PROXY, "reg.lab/p:1"),
    ],
)
def test_override_counts_before_registry_and_replacement(
    site: SiteImages, image: str, name: str
) -> None:
    assert site.name_of(image) == name


def test_images_without_a_place_are_unavailable() -> None:
    images = [PROXY, MINIO, API_SERVER, "ghcr.io/a/b:1"]
    assert SiteImages().unavailable(images) == [MINIO, API_SERVER]
    assert SiteImages("", (OWN,)).unavailable(images) == [API_SERVER]
    assert SiteImages("reg.lab/m").unavailable(images) == []


def test_withdrawn_image_is_replaced_wherever_it_is_named() -> None:
    """In pods, and in texts that programs read."""
    text = config_map("settings", values=f'{{"image": "{PROXY}"}}')
    changed = transform_object(text, UPSTREAM)
    assert changed["data"]["values"] == f'{{"image": "{REPLACED}"}}'
    manifest = workload("Deployment", "a", {"image": PROXY})
    assert container_of(transform_object(manifest, UPSTREAM))["image"] == REPLACED
    assert images_of([transform_object(manifest, UPSTREAM)]) == [REPLACED]


def test_overridden_built_in_image_is_named_explicitly() -> None:
    """The program would otherwise use its own."""
    manifest = workload("Deployment", "ml-pipeline", {"image": API_SERVER})
    driver = next(image for image in images_of([manifest]) if "kfp-driver" in image)
    site = UPSTREAM._replace(overrides=((driver, "reg.lab/driver:1"), HERE))
    container = container_of(transform_object(manifest, site))
    assert container["image"] == HERE[1]
    assert {"name": "V2_DRIVER_IMAGE", "value": "reg.lab/driver:1"} in container["env"]


def test_renaming_again_changes_nothing() -> None:
    site = UPSTREAM._replace(registry="reg.lab/m", overrides=(OWN,))
    once = transform_object(workload("Deployment", "minio", {"image": MINIO}), site)
    assert container_of(once)["image"] == OWN[1]
    assert transform_object(once, site) == once


def test_objects_without_such_images_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search takes a second for a whole release."""
    searched: list[JsonObject] = []
    monkeypatch.setattr(
        transform_module.images, "_rename_all", lambda one, _: searched.append(one)
    )
    transform_object(workload("Deployment", "a", {"image": "ghcr.io/a/b:1"}), UPSTREAM)
    assert searched == []
    transform_object(workload("Deployment", "a", {"image": PROXY}), UPSTREAM)
    assert len(searched) == 1
