"""The flags of MetalLB's programs."""

from __future__ import annotations

import pytest

from helpers.metallb_cluster import desired_on
from metallb.manifests.flags import flag


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("--lb-class=lab/metallb", "lab/metallb"),
        ("-lb-class=lab/metallb", "lab/metallb"),
        ("--lb-class", "true"),
        ("--lb-classes=x", ""),
    ],
)
def test_flag_of_a_program(argument: str, text: str) -> None:
    """Go accepts one dash and two."""
    objects = desired_on(controller=argument).release_objects
    assert flag(objects, "controller", "lb-class") == text
    assert flag(objects, "speaker", "lb-class") == ""
