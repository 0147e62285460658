"""The Kubernetes part of a site and the networks around it."""

from __future__ import annotations

import ipaddress

import pydantic

from .addresses import Address, AddressRange, Network
from .base import Part, Registry


class Kubernetes(Part):
    """Which Kubernetes is deployed, and how."""

    profile: str = pydantic.Field(
        description="A profile of `botlab explain profiles`: k8s-1.13 (the 2019 charms) or"
        " charmed-k8s (today's).",
        examples=["k8s-1.13"],
    )
    channel: str = pydantic.Field(
        default="",
        description="Snap channel of the Kubernetes components; empty takes the profile's.",
        examples=["1.13/stable"],
    )
    authorization_mode: str = pydantic.Field(
        default="RBAC,Node",
        description="Authorization modes of the API server. The 2019 charm's own default,"
        " AlwaysAllow, would make every RBAC object void.",
    )
    allow_privileged: bool = pydantic.Field(
        default=True,
        description="Whether privileged containers may run; Istio (Kubeflow) and the GPU device"
        " plugin need it.",
    )
    dns_domain: str = pydantic.Field(default="cluster.local", description="Cluster DNS domain.")
    dashboard: bool = pydantic.Field(
        default=True, description="Whether the Kubernetes dashboard is deployed."
    )
    ingress: bool = pydantic.Field(
        default=True,
        description="Whether the workers run the nginx ingress, which takes ports 80 and 443 of"
        " each worker machine.",
    )
    extra_sans: list[str] = pydantic.Field(
        default=[],
        description="Further names or addresses in the API server's certificate.",
        examples=[["k8s.lab.example"]],
    )
    registry: Registry = pydantic.Field(
        default="",
        description="Registry that the cluster's own images are pulled from, as HOST:PORT/PATH;"
        " empty takes the charms' default.",
        examples=["registry.lab.example:5000"],
    )


class Lan(Part):
    """The network that the machines stand in."""

    cidr: Network = pydantic.Field(
        description="Network of the machines.", examples=["192.168.1.0/24"]
    )
    gateway: Address | None = pydantic.Field(
        default=None, description="Its gateway.", examples=["192.168.1.1"]
    )
    dhcp: list[AddressRange] = pydantic.Field(
        default=[],
        description="Ranges that a DHCP server (MAAS) hands out; address pools must keep clear"
        " of them.",
        examples=[["192.168.1.100-192.168.1.199"]],
    )


class Networks(Part):
    """Networks that the cluster uses or stands in."""

    services: Network = pydantic.Field(
        default=ipaddress.ip_network("10.152.183.0/24"), description="Service addresses."
    )
    pods: Network = pydantic.Field(
        default=ipaddress.ip_network("10.1.0.0/16"), description="Pod addresses."
    )
    lan: Lan | None = pydantic.Field(default=None, description="The machines' network.")


class Proxy(Part):
    """The proxy that machines use to reach the outside."""

    http: str = pydantic.Field(
        default="", description="Proxy for http.", examples=["http://proxy.lab.example:3128"]
    )
    https: str = pydantic.Field(
        default="", description="Proxy for https.", examples=["http://proxy.lab.example:3128"]
    )
    no_proxy: list[str] = pydantic.Field(
        default=[],
        description="Hosts and networks reached without it; service and pod networks are added.",
        examples=[["192.168.1.0/24"]],
    )
