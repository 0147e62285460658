"""The check `images`: whether the images of a release can still be pulled."""

from typing import Iterable, List

from kubeflow_installer.preflight.problems import Message
from kubeflow_installer.transform.site_images import SiteImages
from labcharm.text import summarize


def problems(images: Iterable[str], site: SiteImages) -> List[str]:
    """Describe the images of a release that no registry known to the charm serves any more.

    Args:
        images: The images, as upstream names them.
        site: Where the site pulls images from.
    """
    gone = site.unavailable(images)
    if not gone:
        return []
    return [
        Message(
            f"no registry serves {summarize(gone, 1)}; set image-registry to a mirror that has"
            " them, or image-overrides (list-images lists them)",
            f"{len(gone)} are not served; set image-registry or image-overrides (see list-images)",
        )
    ]
