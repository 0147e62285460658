"""The releases of NVIDIA's device plugin that the charm nvidia-runtime installs.

The table is the charm's own file.
"""

from __future__ import annotations

import functools
from typing import Any

from .kubernetes import Version
from .release_table import default_release, read_table

TABLE = "src/nvidia_runtime/device_plugins.yaml"
# Values of the option `device-plugin` that name no release.
_AUTOMATIC, NO_PLUGIN = "auto", "none"


def plugin_image(kubernetes: Version | None, option: str) -> str | None:
    """Return the image of the device plugin that the charm applies, as upstream names it.

    Args:
        kubernetes: The cluster's Kubernetes release; None when it is not known.
        option: The option ``device-plugin``: auto, or a release.

    Returns:
        None when the release depends on an unknown cluster.
    """
    release: str | None = option
    if option == _AUTOMATIC:
        release = default_release(_table()["defaults"], kubernetes) if kubernetes else None
    if release is None:
        return None
    registry = _registry(release)
    name = f"{_table()['image']}:{release}"
    return f"{registry}/{name}" if registry else name


@functools.cache
def _table() -> dict[str, Any]:
    return read_table("nvidia-runtime", TABLE)


def _registry(release: str) -> str:
    """Return the registry of a release's image; empty for Docker Hub."""
    number = release.lstrip("v")
    rows = _table()["registries"]
    return next(row["registry"] for row in rows if number.startswith(tuple(row["releases"])))
