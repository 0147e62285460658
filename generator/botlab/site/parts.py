"""GPU stack, address pools and storage: parts that this suite's charms serve."""

from __future__ import annotations

import enum
from typing import Annotated, Literal

import pydantic

from .addresses import Address, AddressRange, Admitted
from .base import Form, MachineName, Part
from .folders import Folder


class GpuStack(enum.Enum):
    """Who installs driver, container toolkit and runtime on GPU machines."""

    CHARM = "charm"
    WORKER = "worker"


class Gpu(Part):
    """Who owns the GPU stack."""

    stack: GpuStack = pydantic.Field(
        default=GpuStack.CHARM,
        description="charm: nvidia-runtime owns it and the worker charm keeps its hands off;"
        " worker: the worker charm's own path, with the package set that belongs together.",
    )


class Nvidia(Part):
    """How the GPU machines get driver and runtime (charm nvidia-runtime)."""

    driver: str = pydantic.Field(
        default="auto",
        description="auto (install what the distribution recommends when none is there), host"
        " (use what is there), none, or a package name, optionally with =VERSION.",
        examples=["nvidia-headless-450-server"],
    )
    default_runtime: bool = pydantic.Field(
        default=True, description="Whether `nvidia` is the default container runtime."
    )
    pins: dict[str, str] = pydantic.Field(
        default={},
        description="Package versions to install, by package name.",
        examples=[{"nvidia-container-runtime": "2.0.0+docker18.09.1-1"}],
    )


class Peer(Part):
    """A BGP router that MetalLB's speakers peer with."""

    peer_address: Address = pydantic.Field(description="Its address.", examples=["192.168.1.1"])
    peer_asn: Annotated[int, pydantic.Field(ge=1, le=2**32 - 1)] = pydantic.Field(
        description="Its AS number (RFC 6793: 32 bits).", examples=[64501]
    )
    my_asn: Annotated[int, pydantic.Field(ge=1, le=2**32 - 1)] = pydantic.Field(
        description="The cluster's AS number.", examples=[64500]
    )


class Pool(Part):
    """An address pool for LoadBalancer services."""

    protocol: Literal["layer2", "bgp"] = pydantic.Field(
        default="layer2", description="How the addresses are announced."
    )
    addresses: list[AddressRange] = pydantic.Field(
        min_length=1,
        description="Ranges, as FIRST-LAST or NETWORK/BITS.",
        examples=[["192.168.1.240-192.168.1.250"]],
    )
    auto_assign: bool = pydantic.Field(
        default=True, description="Whether a service that asks for no pool may draw from it."
    )
    avoid_buggy_ips: bool = pydantic.Field(
        default=False, description="Whether addresses ending in .0 and .255 are left out."
    )


ShareName = Annotated[
    str,
    Form(
        r"^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
        "no share's name; use small letters, digits and hyphens, 42 at most",
    ),
]
# MetalLB names a pool in an annotation and, from 0.13, as a Kubernetes object: a DNS label.
PoolName = Annotated[
    str,
    Form(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "no pool's name; use small letters, digits and hyphens, 63 at most",
    ),
]
# A DNS subdomain (apimachinery, validation.go).
ClassName = Annotated[
    str,
    Form(
        r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        "no StorageClass's name; use small letters, digits, dots and hyphens",
    ),
]


class Metallb(Part):
    """LoadBalancer addresses (charm metallb)."""

    version: str = pydantic.Field(
        default="",
        description="MetalLB version; empty lets the charm choose by the API server's version.",
        examples=["v0.8.1"],
    )
    pools: dict[PoolName, Pool] = pydantic.Field(
        min_length=1,
        description="Address pools by name.",
        examples=[{"default": {"addresses": ["192.168.1.240-192.168.1.250"]}}],
    )
    peers: list[Peer] = pydantic.Field(
        default=[],
        description="BGP routers, for bgp pools.",
        examples=[[{"peer-address": "192.168.1.1", "peer-asn": 64501, "my-asn": 64500}]],
    )


# The site's word for a file system that is there already; any other is Juju's directive.
MOUNTED = "mounted"


def _read_storage(text: str) -> str:
    # Juju would take "Mounted" for a pool's name.
    return MOUNTED if text.lower() == MOUNTED else text


Storage = Annotated[str, pydantic.AfterValidator(_read_storage)]


class NfsShare(Part):
    """A further folder that the NFS server exports."""

    path: Folder = pydantic.Field(
        description="Folder that is exported; an absolute path, in no other share's.",
        examples=["/srv/datasets"],
    )
    networks: list[Admitted] = pydantic.Field(
        default=[], description="Networks that may mount it; empty takes those of nfs.networks."
    )
    read_only: bool = pydantic.Field(
        default=False, description="Whether clients may only read it."
    )


class Nfs(Part):
    """Shared storage and the default StorageClass (charm nfs-server)."""

    server: MachineName = pydantic.Field(
        description="The machine that exports the storage.", examples=["node0"]
    )
    path: Folder = pydantic.Field(
        default="/nfsroot",
        description="Folder that is exported; an absolute path.",
    )
    networks: list[Admitted] = pydantic.Field(
        default=[],
        description="Networks that may mount it; empty takes networks.lan.cidr. The nodes of the"
        " cluster are always admitted by address.",
        examples=[["192.168.1.0/24"]],
    )
    storage: Storage = pydantic.Field(
        default="",
        description="What file system the folder lies on: empty for the server's system disk,"
        " mounted for one of its own that MAAS mounts there, else Juju's storage directive, which"
        " asks for one (pool, and size with its unit); then path stays /nfsroot.",
        examples=["maas,200G"],
    )
    shares: dict[ShareName, NfsShare] = pydantic.Field(
        default={},
        description="Further folders that are exported, by name.",
        examples=[{"data": {"path": "/srv/datasets"}}],
    )
    storage_class: ClassName = pydantic.Field(
        default="nfs", description="Name of the StorageClass."
    )
    default_class: bool = pydantic.Field(
        default=True, description="Whether it is the cluster's default StorageClass."
    )
    reclaim_policy: Literal["Delete", "Retain"] = pydantic.Field(
        default="Delete", description="What becomes of a volume whose claim is deleted."
    )
