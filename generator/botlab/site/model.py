"""The site file as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from .applications import Application, Charms
from .base import ApplicationName, Form, MachineName, Part
from .kubeflow import Kubeflow
from .kubernetes import Kubernetes, Networks, Proxy
from .machines import Machine
from .parts import Gpu, Metallb, Nfs, Nvidia

# Juju takes it for a model's name too.
_NAME = Form(
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    "no site's name; use small letters, digits and hyphens, 63 at most",
)


class Site(Part):
    """One lab: its machines, its cluster and what runs on it."""

    site: Annotated[str, _NAME] = pydantic.Field(
        description="Name of the site; also the Juju model's.", examples=["botlab"]
    )
    juju: Literal["2.6", "2.9", "3.6", "4.0"] = pydantic.Field(
        description="Release line of the Juju client and controller; its rules and words apply.",
        examples=["2.6"],
    )
    description: str = pydantic.Field(default="", description="One line for people.")
    kubernetes: Kubernetes = pydantic.Field(description="Which Kubernetes is deployed.")
    machines: dict[MachineName, Machine] = pydantic.Field(
        min_length=1,
        description="Machines by name; their order numbers the bundle's machines from 0.",
        examples=[{"node0": {"tags": ["node0"], "roles": ["etcd", "control-plane"]}}],
    )
    networks: Networks = pydantic.Field(
        default=Networks(), description="Networks that the cluster uses or stands in."
    )
    proxy: Proxy | None = pydantic.Field(
        default=None, description="Proxy to the outside; left out when there is none."
    )
    charms: Charms = pydantic.Field(
        default=Charms(), description="Where charms come from, unless an application says so."
    )
    gpu: Gpu = pydantic.Field(default=Gpu(), description="Who owns the GPU stack.")
    nvidia: Nvidia = pydantic.Field(
        default=Nvidia(), description="Driver and runtime on GPU machines."
    )
    metallb: Metallb | None = pydantic.Field(
        default=None, description="LoadBalancer addresses; left out, there are none."
    )
    nfs: Nfs | None = pydantic.Field(
        default=None, description="Shared storage; left out, there is no StorageClass."
    )
    kubeflow: Kubeflow | None = pydantic.Field(
        default=None, description="Kubeflow; left out, it is not installed."
    )
    applications: dict[ApplicationName, Application] = pydantic.Field(
        default={},
        description="What single applications get that differs from the profile.",
        examples=[{"etcd": {"to": ["node0", "node1", "node2"]}}],
    )
