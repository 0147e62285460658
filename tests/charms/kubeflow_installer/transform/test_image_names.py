"""The parts of the names of images."""

from __future__ import annotations

import pytest

from kubeflow_installer.transform.image_names import in_registry, split_registry, tag_of, untagged

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "registry", "path", "name", "tag"),
    [
        ("busybox", "", "busybox", "busybox", ""),
        ("busybox:1.36", "", "busybox:1.36", "busybox", "1.36"),
        ("istio/pilot:1.1.6", "", "istio/pilot:1.1.6", "istio/pilot", "1.1.6"),
        ("docker.io/istio/pilot:1", "docker.io", "istio/pilot:1", "docker.io/istio/pilot", "1"),
        ("localhost/a", "localhost", "a", "localhost/a", ""),
        ("host:5000/a/b", "host:5000", "a/b", "host:5000/a/b", ""),
        ("host:5000/a/b:2", "host:5000", "a/b:2", "host:5000/a/b", "2"),
        (f"gcr.io/a@{DIGEST}", "gcr.io", f"a@{DIGEST}", "gcr.io/a", DIGEST),
        (f"gcr.io/a:1@{DIGEST}", "gcr.io", f"a:1@{DIGEST}", "gcr.io/a", f"1@{DIGEST}"),
    ],
)
def test_parts_of_an_images_name(
    image: str, registry: str, path: str, name: str, tag: str
) -> None:
    """Only a first part with a dot or a colon, or `localhost`, is a registry."""
    assert split_registry(image) == (registry, path)
    assert (untagged(image), tag_of(image)) == (name, tag)


@pytest.mark.parametrize(
    ("image", "moved"),
    [
        ("busybox:1", "lab:5000/kf/library/busybox:1"),
        ("docker.io/busybox", "lab:5000/kf/library/busybox"),
        ("index.docker.io/busybox", "lab:5000/kf/library/busybox"),
        ("istio/pilot:1", "lab:5000/kf/istio/pilot:1"),
        ("docker.io/istio/pilot:1", "lab:5000/kf/istio/pilot:1"),
        ("gcr.io/pause", "lab:5000/kf/pause"),
        ("lab:5000/kf/istio/pilot:1", "lab:5000/kf/istio/pilot:1"),
        ("lab:5000/kfx/pilot:1", "lab:5000/kf/kfx/pilot:1"),
    ],
)
def test_image_keeps_its_path_in_a_registry(image: str, moved: str) -> None:
    """A slash at the registry's end does not matter, and without a registry nothing changes."""
    assert in_registry(image, "lab:5000/kf") == moved
    assert in_registry(image, "lab:5000/kf/") == moved
    assert in_registry(image, "") == image
