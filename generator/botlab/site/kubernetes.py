"""The Kubernetes cluster of a site and its networks."""

from __future__ import annotations

import ipaddress

import pydantic

from .addresses import Address, AddressRange, Network
from .names import Registry
from .section import Section


class Kubernetes(Section):
    """The Kubernetes cluster."""

    profile: str = pydantic.Field(
        description="Profile of the cluster: k8s-1.13 (the charms of 2019) or charmed-k8s"
        " (today's charms). `botlab explain profiles` lists all profiles.",
        examples=["k8s-1.13"],
    )
    channel: str = pydantic.Field(
        default="",
        description="Snap channel of the Kubernetes components. If it is empty, the"
        " profile's channel is used.",
        examples=["1.13/stable"],
    )
    authorization_mode: str = pydantic.Field(
        default="RBAC,Node",
        description="Authorization modes of the API server. The default of the 2019 charm is"
        " AlwaysAllow, which makes RBAC objects ineffective.",
    )
    allow_privileged: bool = pydantic.Field(
        default=True,
        description="Whether privileged containers may run. Istio (part of Kubeflow) and the GPU"
        " device plugin need them.",
    )
    dns_domain: str = pydantic.Field(
        default="cluster.local", description="DNS domain of the cluster."
    )
    dashboard: bool = pydantic.Field(
        default=True, description="Whether the Kubernetes dashboard is deployed."
    )
    ingress: bool = pydantic.Field(
        default=True,
        description="Whether the workers run the nginx ingress controller, which uses ports"
        " 80 and 443 of each worker machine.",
    )
    extra_sans: list[str] = pydantic.Field(
        default=[],
        description="Additional names or addresses in the certificate of the API server.",
        examples=[["k8s.lab.example"]],
    )
    registry: Registry = pydantic.Field(
        default="",
        description="Registry for the cluster's own images, as HOST:PORT/PATH. If it is empty,"
        " the charms use their default registries.",
        examples=["registry.lab.example:5000"],
    )


class Lan(Section):
    """The network that the machines are connected to."""

    cidr: Network = pydantic.Field(
        description="Address range of the network, as NETWORK/BITS.", examples=["192.168.1.0/24"]
    )
    gateway: Address | None = pydantic.Field(
        default=None, description="Gateway of the network.", examples=["192.168.1.1"]
    )
    dhcp: list[AddressRange] = pydantic.Field(
        default=[],
        description="Address ranges that a DHCP server (MAAS) assigns. Address pools must not"
        " overlap them.",
        examples=[["192.168.1.100-192.168.1.199"]],
    )


class Networks(Section):
    """The networks of the cluster and of its machines."""

    services: Network = pydantic.Field(
        default=ipaddress.ip_network("10.152.183.0/24"),
        description="Network of the cluster's services.",
    )
    pods: Network = pydantic.Field(
        default=ipaddress.ip_network("10.1.0.0/16"), description="Network of the cluster's pods."
    )
    lan: Lan | None = pydantic.Field(default=None, description="Network of the machines.")


class Proxy(Section):
    """The proxy that the machines use to reach the Internet."""

    http: str = pydantic.Field(
        default="",
        description="Proxy for HTTP, as a URL. The bundle configures the container engine for the"
        " proxy. Everything else needs the model's configuration: `botlab render` prints the"
        " command to run before the deployment.",
        examples=["http://proxy.lab.example:3128"],
    )
    https: str = pydantic.Field(
        default="",
        description="Proxy for HTTPS, as a URL.",
        examples=["http://proxy.lab.example:3128"],
    )
    no_proxy: list[str] = pydantic.Field(
        default=[],
        description="Hosts and networks that are reached without the proxy. botlab adds the"
        " networks of services and pods.",
        examples=[["192.168.1.0/24"]],
    )
