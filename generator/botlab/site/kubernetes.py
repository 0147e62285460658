"""The Kubernetes cluster of a site, and the proxy of its machines."""

from __future__ import annotations

from typing import Annotated

import pydantic

from .addresses import Address
from .defaults import PROFILE_EXISTING
from .names import Registry, optional_host_name
from .section import Section
from .text_format import TextFormat

# A track, with a risk and a branch if need be (juju/charm ParseChannel).
Channel = Annotated[
    str,
    TextFormat(
        r"^([^/\s]+(/(stable|candidate|beta|edge)(/[^/\s]+)?)?)?$",
        "a channel",
        "write TRACK/RISK, such as 1.35/stable; the risks are stable, candidate, beta and edge",
    ),
]


_HOST_NAME = optional_host_name("k8s.lab.example")
# The kernel takes up to 15 bytes (dev_valid_name in net/core/dev.c).
_INTERFACE = TextFormat(
    r"^([A-Za-z0-9._-]{1,15})?$",
    "the name of a network interface",
    "write one such as eno1, of at most 15 characters",
)


class Keepalived(Section):
    """A virtual address of the API servers, which keepalived moves between the load balancers."""

    address: Address = pydantic.Field(
        description="The virtual address: one of the network of the load balancers that nothing"
        " else uses. The certificate of the API server has it, too.",
        examples=["192.168.1.5"],
    )
    hostname: Annotated[str, _HOST_NAME] = pydantic.Field(
        default="",
        description="Name of the virtual address in DNS. The certificate of the API server has it,"
        " too.",
        examples=["k8s.lab.example"],
    )
    interface: Annotated[str, _INTERFACE] = pydantic.Field(
        default="",
        description="Network interface of the load balancers for the virtual address. If it is"
        " empty, that of the default route.",
        examples=["eno1"],
    )
    router_id: Annotated[int, pydantic.Field(ge=1, le=255)] = pydantic.Field(
        default=23,
        description="Identifier of the virtual router (VRRP), which nothing else in the network"
        " may use.",
    )


class Kubernetes(Section):
    """The Kubernetes cluster."""

    profile: str = pydantic.Field(
        description="Profile of the cluster: charmed-k8s (today's Kubernetes charms),"
        " canonical-k8s (Canonical Kubernetes), k8s-1.13 (the charms of 2019) or existing (a"
        " cluster without Juju). `botlab explain profiles` lists all profiles.",
        examples=["charmed-k8s"],
    )
    kubeconfig: str = pydantic.Field(
        default="",
        description="Kubeconfig of the cluster, for the profile existing: the id of a Juju secret"
        " (secret:ID), or a file, relative to the site file. Its user must be an administrator of"
        " the cluster, and it must have all data inside (kubectl config view --raw --flatten). The"
        " bundle never has the content of the file: Juju's client reads it at the deployment.",
        examples=["secret:d2k3rbjmp25c7t4m2vvg"],
    )
    channel: Channel = pydantic.Field(
        default="",
        description="Channel of Kubernetes: of its snaps, and of its charms in Charmhub. If it is"
        " empty, the profile's channel is used. The charms of the profile k8s-1.13 do not follow"
        " it.",
        examples=["1.35/stable"],
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
    ingress: bool | None = pydantic.Field(
        default=None,
        description="Whether the cluster has an ingress controller. k8s-1.13 and charmed-k8s have"
        " one unless you write false: nginx, which uses ports 80 and 443 of each worker machine."
        " canonical-k8s has one if you write true: that of Cilium, which takes an address of the"
        " pool.",
        examples=[False],
    )
    cni: str = pydantic.Field(
        default="",
        description="Network of the pods. The profile charmed-k8s has calico (its default),"
        " flannel, cilium and kube-ovn, and k8s-1.13 has flannel.",
        examples=["cilium"],
    )
    api_addresses: list[Address] = pydantic.Field(
        default=[],
        description="Addresses in front of the API servers, of a load balancer that Juju does not"
        " manage. The certificate of the API server has them, too, and no machine needs the role"
        " load-balancer.",
        examples=[["10.20.0.5"]],
    )
    keepalived: Keepalived | None = pydantic.Field(
        default=None,
        description="A virtual address in front of the machines with the role load-balancer. The"
        " charm keepalived moves it to another of them when one fails. The profile charmed-k8s has"
        " it.",
        examples=[{"address": "192.168.1.5"}],
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

    @property
    def certificate_names(self) -> list[str]:
        """The additional names and addresses in the certificate of the API server."""
        names = [*self.extra_sans, *map(str, self.api_addresses)]
        if self.keepalived:
            names += [str(self.keepalived.address), self.keepalived.hostname]
        return list(dict.fromkeys(filter(None, names)))

    @property
    def sections(self) -> frozenset[str]:
        """The sections that deploy an application of the profile."""
        return frozenset(["keepalived"] if self.keepalived else [])

    @property
    def is_existing(self) -> bool:
        """Whether the cluster exists without Juju."""
        return self.profile == PROFILE_EXISTING


# A proxy's URL has the scheme of the connection to the proxy, which is mostly http for HTTPS too.
ProxyUrl = Annotated[
    str,
    TextFormat(
        r"^(https?://[^\s/]+/?)?$",
        "the URL of a proxy",
        "write http://HOST:PORT, also where the proxy is for HTTPS",
    ),
]


class Proxy(Section):
    """The proxy that the machines use to reach the Internet."""

    http: ProxyUrl = pydantic.Field(
        default="",
        description="Proxy for HTTP, as a URL. The bundle configures the container engine for the"
        " proxy. Everything else needs the model's configuration: `botlab render` prints the"
        " command to run before the deployment.",
        examples=["http://proxy.lab.example:3128"],
    )
    https: ProxyUrl = pydantic.Field(
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

    @property
    def is_used(self) -> bool:
        """Whether any requests go through a proxy."""
        return bool(self.http or self.https)
