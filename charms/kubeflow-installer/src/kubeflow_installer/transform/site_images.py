"""Where a site pulls images from: its overrides, its registry, or what replaces withdrawn images.

The option `image-overrides` counts first. With a registry, every other image is there under its
own path. Without one, an image that upstream's registry no longer serves is replaced by the same
image at another public registry, where one is known.
"""

import json
from typing import Iterable, List, NamedTuple, Tuple

from kubeflow_installer.releases import withdrawn
from kubeflow_installer.transform.image_names import in_registry, split_registry
from labcharm.json_types import JsonObject

Overrides = Tuple[Tuple[str, str], ...]


class SiteImages(NamedTuple):
    """The images of a site.

    Attributes:
        registry: HOST:PORT/PATH of a mirror; empty for upstream's registries.
        overrides: Pairs of an image, as upstream names it, and the image that is pulled instead.
    """

    registry: str = ""
    overrides: Overrides = ()

    def name_of(self, image: str) -> str:
        """Return the name under which the site pulls an image of upstream's."""
        overrides = dict(self.overrides)
        if image in overrides:
            return overrides[image]
        if self.registry:
            # An override is in the place that it names, also when an object is renamed again.
            return image if image in overrides.values() else in_registry(image, self.registry)
        return withdrawn.replacement(image) or image

    def prefix_of(self, prefix: str) -> str:
        """Return the form that a prefix of images' names has in the site."""
        home = self.registry
        if not home or (prefix + "/").startswith(home + "/"):
            return prefix
        return f"{home}/{split_registry(prefix)[1]}"

    def may_rename(self, manifest: JsonObject) -> bool:
        """Return whether an object may name an image that has another name in the site.

        Most objects do not, and this is faster than looking for the images.
        """
        if self.registry:
            return True
        text = json.dumps(manifest)
        names = (*withdrawn.replaced_prefixes(), *(image for image, _ in self.overrides))
        return any(name in text for name in names)

    def unavailable(self, images: Iterable[str]) -> List[str]:
        """Return those images of a release that the site has no place to pull from."""
        if self.registry:
            return []
        overridden = {image for image, _ in self.overrides}
        return [
            image for image in withdrawn.without_replacement(images) if image not in overridden
        ]
