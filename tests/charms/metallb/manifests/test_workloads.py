"""The images of a release's programs."""

from __future__ import annotations

from metallb.manifests.workloads import image
from metallb.releases import find


def test_v0_8_3_uses_the_images_of_v0_8_2() -> None:
    """As its own manifest does."""
    assert image(find("v0.8.3"), "speaker", "") == "metallb/speaker:v0.8.2"
