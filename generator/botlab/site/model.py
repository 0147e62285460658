"""The site file's top level."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from .applications import Application, Charms
from .gpu import Gpu, Nvidia
from .kubeflow import Kubeflow
from .kubernetes import Kubernetes, Networks, Proxy
from .machines import Machine
from .metallb import Metallb
from .names import ApplicationName, MachineName
from .nfs import Nfs
from .section import Section
from .text_format import TextFormat

# Juju accepts the name for a model too.
_SITE_NAME = TextFormat(
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    "a site name",
    "use at most 63 lower-case letters, digits and hyphens",
)


class Site(Section):
    """A lab: its machines, its cluster, and the software on the cluster."""

    site: Annotated[str, _SITE_NAME] = pydantic.Field(
        description="Name of the site and of its Juju model.", examples=["botlab"]
    )
    juju: Literal["2.6", "2.9", "3.6", "4.0"] = pydantic.Field(
        description="Release line of the Juju client and controller. The checks follow the rules"
        " of this release line and quote its messages.",
        examples=["2.6"],
    )
    description: str = pydantic.Field(
        default="", description="Description of the site, in one line."
    )
    kubernetes: Kubernetes = pydantic.Field(description="The Kubernetes cluster.")
    machines: dict[MachineName, Machine] = pydantic.Field(
        min_length=1,
        description="Machines, by name. The bundle numbers its machines from 0, in this order.",
        examples=[{"node0": {"tags": ["node0"], "roles": ["etcd", "control-plane"]}}],
    )
    networks: Networks = pydantic.Field(
        default=Networks(), description="Networks of the cluster and of the machines."
    )
    proxy: Proxy | None = pydantic.Field(
        default=None,
        description="Proxy for access to the Internet. Leave the section out if there is none.",
    )
    charms: Charms = pydantic.Field(
        default=Charms(),
        description="Source of the charms. The key `charm` of an application overrides it.",
    )
    gpu: Gpu = pydantic.Field(default=Gpu(), description="Who installs the GPU stack.")
    nvidia: Nvidia = pydantic.Field(
        default=Nvidia(), description="Driver and container runtime of the GPU machines."
    )
    metallb: Metallb | None = pydantic.Field(
        default=None,
        description="Addresses of LoadBalancer services. Without this section, such services get"
        " no address.",
    )
    nfs: Nfs | None = pydantic.Field(
        default=None,
        description="Shared storage. Without this section, the cluster has no StorageClass.",
    )
    kubeflow: Kubeflow | None = pydantic.Field(
        default=None, description="Kubeflow. Without this section, it is not installed."
    )
    applications: dict[ApplicationName, Application] = pydantic.Field(
        default={},
        description="Settings of single applications, where they differ from the profile.",
        examples=[{"etcd": {"to": ["node0", "node1", "node2"]}}],
    )
