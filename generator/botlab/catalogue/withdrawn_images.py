"""The images of Kubeflow's releases, and those that no public registry serves any more.

The table of withdrawn images and the inventories of the releases are the charm's own files.
"""

from __future__ import annotations

import functools
from typing import Any

from ..json_text import load_json
from .kubeflow import CHARM
from .package_data import charms_directory
from .release_table import read_table

_RELEASES = "src/kubeflow_installer/releases"


@functools.cache
def release_images(release: str) -> tuple[str, ...]:
    """Return the images of a release, as upstream names them.

    Args:
        release: The release's name.
    """
    file = charms_directory() / CHARM / _RELEASES / "inventories" / f"{release}.json"
    return tuple(load_json(file.read_text("utf-8"), str(file))["images"])


def unavailable_images(release: str) -> tuple[str, ...]:
    """Return the images of a release that its site must provide, as upstream names them.

    Images that another registry is known to serve are left out, because the charm replaces them.

    Args:
        release: The release's name.
    """
    return tuple(image for image in release_images(release) if not public_name(image))


def public_name(image: str) -> str:
    """Return the name under which a public registry serves an image; empty if none does.

    Args:
        image: The image, as upstream names it.
    """
    name = image.removeprefix("docker.io/")
    row = next((row for row in _withdrawn() if name.startswith(row["images"])), None)
    if row is None:
        return image
    if not row.get("replacement"):
        return ""
    renamed = row["replacement"] + name[len(row["images"]) :]
    return renamed.removesuffix(row.get("drop", ""))


@functools.cache
def _withdrawn() -> list[dict[str, Any]]:
    return read_table(CHARM, f"{_RELEASES}/withdrawn.yaml")["images"]
