"""What the charms of a profile take from elsewhere than from their resources.

The file ``offline.yaml`` of a profile has it, with the source of each fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .yaml_files import YamlMapping

# Stands for the architecture of a machine in names of images and resources.
ARCHITECTURE = "{arch}"
# Those of Juju (core/arch).
_ARCHITECTURES = ("amd64", "arm64", "ppc64el", "riscv64", "s390x")


@dataclass(frozen=True, slots=True)
class PlatformImage:
    """An image that a charm of the cluster runs.

    Attributes:
        pull: Upstream's name; ``{arch}`` stands for the architecture of a machine.
        charm: The charm that asks for it.
        option: The option of the charm that must be true; empty for none.
    """

    pull: str
    charm: str
    option: str = ""


@dataclass(frozen=True, slots=True)
class Snap:
    """A snap that a charm installs from a store.

    Attributes:
        name: Its name.
        channel: Its channel; ``{channel}`` stands for the charm's option.
        charm: The charm.
    """

    name: str
    channel: str
    charm: str


@dataclass(frozen=True, slots=True)
class ResourceSource:
    """Where the file of a resource comes from.

    Attributes:
        snap: The snap to download; empty if it is none.
        channel: The channel of this snap.
        url: The address to download; empty if there is none.
        text: What else to do.
        file: The name of the file, whose ending is the charm's; empty if it is not known.
    """

    snap: str = ""
    channel: str = ""
    url: str = ""
    text: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class OfflineNeeds:
    """The content of a profile's ``offline.yaml``.

    Attributes:
        registry: The registry of upstream's images whose names begin with none.
        images: The images, by Kubernetes release.
        image_list: The address of upstream's own list of images; empty if there is none.
        further_images: Where to find the images of charms that the lists do not have, by charm.
        snaps: The snaps that are not resources.
        packages: The packages of Ubuntu, by charm.
        resources: The sources of resources, by charm and resource.
        has_images: Whether the profile says which images its charms run, or that they run none.
    """

    registry: str = ""
    images: Mapping[str, tuple[PlatformImage, ...]] = field(
        default_factory=dict[str, tuple[PlatformImage, ...]]
    )
    image_list: str = ""
    further_images: Mapping[str, str] = field(default_factory=dict[str, str])
    snaps: tuple[Snap, ...] = ()
    packages: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    resources: Mapping[str, Mapping[str, ResourceSource]] = field(
        default_factory=dict[str, Mapping[str, ResourceSource]]
    )
    has_images: bool = True

    def source_of(self, charm: str, resource: str) -> ResourceSource | None:
        """Return where a resource's file comes from; None when it is not known."""
        sources = self.resources.get(charm, {})
        if resource in sources:
            return sources[resource]
        matches = (source for name, source in sources.items() if resource in resource_names(name))
        return next(matches, None)


def resource_names(name: str) -> tuple[str, ...]:
    """Return the names of resources that a name in ``offline.yaml`` can stand for.

    Args:
        name: The name, in which ``{arch}`` stands for the architecture of a machine.
    """
    if ARCHITECTURE not in name:
        return (name,)
    return tuple(name.replace(ARCHITECTURE, architecture) for architecture in _ARCHITECTURES)


def offline_needs(content: YamlMapping | None) -> OfflineNeeds:
    """Return what the charms of a profile take from elsewhere.

    Args:
        content: The content of the profile's ``offline.yaml``; None if it has no such file.
    """
    if content is None:
        return OfflineNeeds(has_images=False)
    return OfflineNeeds(
        registry=content.get("registry", ""),
        images={release: _images(rows) for release, rows in content.get("images", {}).items()},
        image_list=content.get("image-list", ""),
        further_images=content.get("further-images", {}),
        snaps=tuple(_snap(row) for row in content.get("snaps", ())),
        packages=content.get("packages", {}),
        resources=_resources(content.get("resources", {})),
        has_images="images" in content,
    )


def _images(rows: list[dict[str, str]]) -> tuple[PlatformImage, ...]:
    return tuple(PlatformImage(row["pull"], row["for"], row.get("when", "")) for row in rows)


def _snap(row: Mapping[str, str]) -> Snap:
    return Snap(row["name"], row["channel"], row["for"])


def _resources(charms: YamlMapping) -> dict[str, dict[str, ResourceSource]]:
    return {
        charm: {name: ResourceSource(**source) for name, source in sources.items()}
        for charm, sources in charms.items()
    }
