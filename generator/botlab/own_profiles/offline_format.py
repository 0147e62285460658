"""The file ``offline.yaml`` of a profile: what its charms take from elsewhere.

The kit for a lab without internet access (``botlab kit``) is made with it.
"""

from __future__ import annotations

import pydantic

from ..site.names import ApplicationName, Registry
from ..site.section import Section
from .text_formats import (
    ImageName,
    OptionalFileName,
    OptionalSnapChannel,
    OptionalSnapName,
    OptionalText,
    OptionalUrl,
    PackageName,
    Release,
    ResourceNameOfProfile,
    SnapChannel,
    SnapName,
    Text,
)


class ImageFile(Section):
    """An image that a charm of the cluster runs."""

    pull: ImageName = pydantic.Field(
        description="Name of the image. A name without a registry is one of the registry of the"
        " key registry. `{arch}` stands for the architecture of a machine.",
        examples=["coredns/coredns:1.9.4"],
    )
    charm: ApplicationName = pydantic.Field(
        alias="for",
        description="Charm that asks for it.",
        examples=["kubernetes-control-plane"],
    )
    option: OptionalText = pydantic.Field(
        alias="when",
        default="",
        description="Option of the charm that must be true for the image to be used.",
        examples=["enable-dashboard-addons"],
    )


class SnapFile(Section):
    """A snap that a charm installs from the Snap Store."""

    name: SnapName = pydantic.Field(description="Name of the snap.", examples=["kubectl"])
    channel: SnapChannel = pydantic.Field(
        description="Channel of the snap. `{channel}` stands for the charm's option channel, and"
        " `{release}` for the Kubernetes release, such as 1.35.",
        examples=["{channel}"],
    )
    charm: ApplicationName = pydantic.Field(
        alias="for", description="Charm that installs it.", examples=["kubernetes-control-plane"]
    )


class ResourceFile(Section):
    """Where the file of a resource comes from: a snap, an address, or what the text says."""

    snap: OptionalSnapName = pydantic.Field(
        default="",
        description="Snap to download. If the name of the file ends in .tar.gz or .tgz, the snap"
        " is packed into such an archive. It needs a channel, and excludes url and text.",
        examples=["kube-apiserver"],
    )
    channel: OptionalSnapChannel = pydantic.Field(
        default="",
        description="Channel of the snap, with the same placeholders as that of snaps.",
        examples=["{channel}"],
    )
    url: OptionalUrl = pydantic.Field(
        default="",
        description="Address to download. It excludes snap and text.",
        examples=["https://mirror.lab.example/easyrsa.tgz"],
    )
    text: OptionalText = pydantic.Field(
        default="",
        description="How people get the file if there is neither a snap nor an address.",
        examples=["run build-calico-resource.sh of the charm"],
    )
    file: OptionalFileName = pydantic.Field(
        default="",
        description="Name of the file. Its ending is the one that the charm gives the resource.",
        examples=["calico.tar.gz"],
    )

    @pydantic.model_validator(mode="after")
    def _check_source(self) -> ResourceFile:
        sources = [key for key in ("snap", "url", "text") if getattr(self, key)]
        if len(sources) > 1:
            raise ValueError(f"has {' and '.join(sources)}; write only one of them")
        if self.snap and not self.channel:
            raise ValueError("has a snap without a channel; write channel, such as {channel}")
        if self.channel and not self.snap:
            raise ValueError("has a channel without a snap; write snap, or remove channel")
        return self


class OfflineFile(Section):
    """The content of ``offline.yaml``: what the charms take from elsewhere."""

    registry: Registry = pydantic.Field(
        default="",
        description="Registry of the images whose names do not begin with one, such as"
        " coredns/coredns:1.9.4. Without it, these are images of Docker Hub.",
        examples=["registry.k8s.io"],
    )
    images: dict[Release, list[ImageFile]] = pydantic.Field(
        default={},
        description="Images that the charms of the cluster run, by Kubernetes release. Write {}"
        " if they run none; without the key, the kit reports that the images are not known.",
        examples=[{"1.35": [{"pull": "calico/node:v3.29.3", "for": "calico"}]}],
    )
    image_list: OptionalText = pydantic.Field(
        default="",
        description="Where to look up the images of a release that is not in images.",
        examples=["https://charts.lab.example/images.txt"],
    )
    further_images: dict[ApplicationName, Text] = pydantic.Field(
        default={},
        description="Charms whose images are not in images, each with the place to look them up.",
        examples=[{"cilium": "the charm's own manifests"}],
    )
    snaps: list[SnapFile] = pydantic.Field(
        default=[],
        description="Snaps that the charms install and that are not their resources.",
        examples=[[{"name": "etcd", "channel": "{channel}", "for": "etcd"}]],
    )
    packages: dict[ApplicationName, list[PackageName]] = pydantic.Field(
        default={},
        description="Packages of Ubuntu that the charms install, by charm.",
        examples=[{"containerd": ["containerd"]}],
    )
    resources: dict[ApplicationName, dict[ResourceNameOfProfile, ResourceFile]] = pydantic.Field(
        default={},
        description="Where the files of resources come from, by charm and resource. `{arch}` in"
        " the name of a resource stands for the architecture of a machine.",
        examples=[{"calico": {"calico": {"file": "calico.tar.gz"}}}],
    )
