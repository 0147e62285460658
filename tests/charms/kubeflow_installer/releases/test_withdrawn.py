"""Images that their registries no longer serve, compared with the inventories of the releases."""

from __future__ import annotations

import pytest

from kubeflow_installer.releases import inventory, table, withdrawn


@pytest.mark.parametrize(
    ("release", "gone", "not_replaced"),
    [
        # One image of google-containers is replaced in each of the first three.
        ("1.7.0", 19, 12), ("1.8.1", 18, 12), ("1.9.1", 18, 12), ("1.10.2", 2, 1),
        ("1.11.0", 0, 0), ("26.03", 0, 0),
    ],
)  # fmt: skip
def test_withdrawn_images_of_each_release_are_known(
    release: str, gone: int, not_replaced: int
) -> None:
    images = inventory.load(release).images
    assert sum(map(withdrawn.is_withdrawn, images)) == gone
    assert len(withdrawn.without_replacement(images)) == not_replaced


@pytest.mark.parametrize("release", ["0.6.2", "0.7.1", "1.0.2", "1.2.0"])
def test_releases_of_kfctl_cannot_be_pulled_from_upstream(release: str) -> None:
    assert len(withdrawn.without_replacement(inventory.load(release).images)) > 20


@pytest.mark.parametrize(
    ("image", "replacement"),
    [
        ("gcr.io/kubebuilder/kube-rbac-proxy:v0.8.0", "quay.io/brancz/kube-rbac-proxy:v0.8.0"),
        ("gcr.io/ml-pipeline/argoexec:v3.4.17-license-compliance",
         "quay.io/argoproj/argoexec:v3.4.17"),
        ("gcr.io/ml-pipeline/mysql:8.0.26", "docker.io/library/mysql:8.0.26"),
        ("gcr.io/google-containers/busybox", "registry.k8s.io/busybox"),
        ("gcr.io/arrikto/kubeflow/oidc-authservice:e236439",
         "docker.io/kubeflowmanifestswg/oidc-authservice:e236439"),
        ("gcr.io/arrikto/kubeflow/oidc-authservice:28c59ef", ""),
        ("gcr.io/ml-pipeline/minio:RELEASE.2019-08-14T20-37-41Z-license-compliance", ""),
        ("docker.io/minio/minio:RELEASE.2018-02-09T22-40-05Z", ""),
        ("ghcr.io/kubeflow/kfp-api-server:2.5.0", ""),
    ],
)  # fmt: skip
def test_replacement_is_the_same_image_elsewhere(image: str, replacement: str) -> None:
    """Its tag stays, except for the suffix of upstream's copies."""
    assert withdrawn.replacement(image) == replacement


@pytest.mark.parametrize("minor", range(25, 41))
def test_default_release_can_be_pulled(minor: int) -> None:
    """From the first Kubernetes release for which there is such a release."""
    release = table.choose((1, minor), "")
    assert withdrawn.without_replacement(inventory.load(release.name).images) == []


@pytest.mark.parametrize("minor", range(13, 25))
def test_older_kubernetes_has_no_release_that_can_be_pulled(minor: int) -> None:
    """So there is no better default, and the check `images` fails there."""
    for name in table.fitting((1, minor)):
        assert withdrawn.without_replacement(inventory.load(name).images)
