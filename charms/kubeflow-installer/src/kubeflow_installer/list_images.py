"""The results of the action list-images."""

import json
from typing import Dict

from kubeflow_installer.options import Options
from kubeflow_installer.releases import inventory, withdrawn
from kubeflow_installer.transform.site_images import SiteImages


def results(release: str, options: Options) -> Dict[str, str]:
    """Return the images of a release, and where the site pulls them from.

    Args:
        release: The release's name.
        options: The charm's options.

    Raises:
        ReleaseError: When the charm has no inventory of the release.
    """
    images = inventory.load(release).images
    site = SiteImages(options.registry, options.overrides)
    gone = [image for image in images if withdrawn.is_withdrawn(image)]
    return {
        "release": release,
        "images": json.dumps(list(images)),
        "pulled-from": json.dumps([site.name_of(image) for image in images]),
        "withdrawn": json.dumps({image: withdrawn.replacement(image) for image in gone}),
        "unavailable": json.dumps(site.unavailable(images)),
    }
