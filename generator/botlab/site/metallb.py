"""The addresses of LoadBalancer services."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from .addresses import Address, AddressRange
from .object_names import LabelKey, LabelValue
from .section import Section
from .text_format import TextFormat

# MetalLB writes the name of a pool into an annotation. From 0.13 on, the pool is a Kubernetes
# object of this name, which must be a DNS label.
PoolName = Annotated[
    str,
    TextFormat(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "a pool name",
        "use at most 63 lower-case letters, digits and hyphens",
    ),
]


class Peer(Section):
    """A BGP router that MetalLB's speakers connect to."""

    peer_address: Address = pydantic.Field(
        description="Address of the router.", examples=["192.168.1.1"]
    )
    peer_asn: Annotated[int, pydantic.Field(ge=1, le=2**32 - 1)] = pydantic.Field(
        description="AS number of the router (RFC 6793: 32 bits).", examples=[64501]
    )
    my_asn: Annotated[int, pydantic.Field(ge=1, le=2**32 - 1)] = pydantic.Field(
        description="AS number of the cluster.", examples=[64500]
    )
    node_labels: dict[LabelKey, LabelValue] = pydantic.Field(
        default={},
        description="Labels of the nodes that connect to the router, such as those of its rack. If"
        " there are none, all nodes do.",
        examples=[{"rack": "a"}],
    )


class Pool(Section):
    """A pool of addresses for LoadBalancer services."""

    protocol: Literal["layer2", "bgp"] = pydantic.Field(
        default="layer2", description="How MetalLB announces the addresses."
    )
    addresses: list[AddressRange] = pydantic.Field(
        min_length=1,
        description="Address ranges, as FIRST-LAST or NETWORK/BITS.",
        examples=[["192.168.1.240-192.168.1.250"]],
    )
    auto_assign: bool = pydantic.Field(
        default=True,
        description="Whether services that do not name a pool get addresses of this pool.",
    )
    avoid_buggy_ips: bool = pydantic.Field(
        default=False, description="Whether addresses that end in .0 or .255 are never assigned."
    )


class Metallb(Section):
    """Addresses of LoadBalancer services (charm metallb)."""

    version: str = pydantic.Field(
        default="",
        description="MetalLB release. If it is empty, the charm chooses a release that fits the"
        " API server.",
        examples=["v0.16.1"],
    )
    pools: dict[PoolName, Pool] = pydantic.Field(
        min_length=1,
        description="Address pools, by name.",
        examples=[{"default": {"addresses": ["192.168.1.240-192.168.1.250"]}}],
    )
    peers: list[Peer] = pydantic.Field(
        default=[],
        description="BGP routers, for pools with the protocol bgp.",
        examples=[[{"peer-address": "192.168.1.1", "peer-asn": 64501, "my-asn": 64500}]],
    )
