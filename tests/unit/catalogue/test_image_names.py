"""The grammar of images' names is that of references (distribution/reference)."""

from __future__ import annotations

import time

import pytest

from botlab.catalogue.image_names import IMAGE_NAME, IMAGE_NAME_OF_PROFILE
from botlab.catalogue.withdrawn_images import release_images
from kubeflow_installer.releases import table

DIGEST = "@sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "name",
    [
        "busybox",
        "library/busybox:1.36",
        "quay.io/calico/node:v3.29.3",
        "registry.lab.example:5000/a/b",
        "Registry.lab.example/a",
        "localhost/a",
        "10.0.0.1:80/a__b/c---d_e.f:V1.2-x_Y",
        f"quay.io/a{DIGEST}",
        f"quay.io/a:1{DIGEST}",
    ],
)
def test_name_of_an_image_is_accepted(name: str) -> None:
    assert IMAGE_NAME.fits(name)
    assert IMAGE_NAME_OF_PROFILE.fits(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "https://quay.io/a",
        "quay.io/a b",
        "quay.io/a;$(id)",
        "quay.io/a`id`",
        "quay.io/A",
        "Library/a",
        "quay.io//a",
        "quay.io/",
        "/a",
        "-a",
        "../a",
        "a-/b",
        "a:",
        "a:b:c",
        "a:.b",
        "a:" + "x" * 129,
        "a@sha256:0",
        "a\n",
        "caf\u00e9/a",
        "user:password@quay.io/a",
        "quay.io:port/a",
    ],
)
def test_text_that_is_not_the_name_of_an_image_is_refused(name: str) -> None:
    assert not IMAGE_NAME.fits(name)
    assert not IMAGE_NAME_OF_PROFILE.fits(name)


def test_only_names_of_profiles_depend_on_the_architecture() -> None:
    for name in ("addon-resizer-{arch}:1.8.9", "quay.io/{arch}/a:{arch}"):
        assert IMAGE_NAME_OF_PROFILE.fits(name)
        assert not IMAGE_NAME.fits(name)
    for name in ("a-{arhc}:1", "a{}", "{channel}"):
        assert not IMAGE_NAME_OF_PROFILE.fits(name)


@pytest.mark.parametrize("release", [release.name for release in table.all_releases()])
def test_images_of_kubeflow_have_names_of_images(release: str) -> None:
    assert [image for image in release_images(release) if not IMAGE_NAME.fits(image)] == []


@pytest.mark.parametrize("part", ["a-", "a.", "a/", "A-", "a_", "{arch}", "a"])
def test_long_name_is_checked_in_a_short_time(part: str) -> None:
    begin = time.monotonic()
    for length in (450, 1_000_000):
        assert not IMAGE_NAME_OF_PROFILE.fits(part * (length // len(part)) + "!")
    assert time.monotonic() - begin < 1
