"""The machines of a site."""

from __future__ import annotations

import enum
from typing import Annotated

import pydantic

from .addresses import Address
from .base import Form, Part


class Role(enum.Enum):
    """What a machine carries; each profile names the application behind a role."""

    EASYRSA = "easyrsa"
    ETCD = "etcd"
    LOAD_BALANCER = "load-balancer"
    CONTROL_PLANE = "control-plane"
    WORKER = "worker"


# MAAS takes letters, digits, "_" and "-" in a tag (its MODEL_NAME_VALIDATOR); Juju adds "^" to
# a tag that the machine must not have.
Tag = Annotated[
    str,
    Form(
        r"^\^?[A-Za-z0-9_-]+$",
        "no tag; use letters, digits, _ and -, with ^ in front where the machine must not have it",
    ),
]


class Machine(Part):
    """One bare-metal machine that MAAS hands to Juju."""

    tags: list[Tag] = pydantic.Field(
        default=[],
        description="MAAS tags that the machine must have. One of them should be its own, since"
        " only a tag that no other machine has pins this very machine.",
        examples=[["gpu1"]],
    )
    constraints: str = pydantic.Field(
        default="",
        description="Further Juju constraints; tags and zone are added from their own keys.",
        examples=["cores=8 mem=32G root-disk=200G"],
    )
    zone: str = pydantic.Field(default="", description="MAAS zone.", examples=["rack-a"])
    roles: list[Role] = pydantic.Field(
        default=[],
        description="What the machine carries.",
        examples=[["etcd", "control-plane"]],
    )
    gpu: bool = pydantic.Field(
        default=False, description="Whether it has NVIDIA GPUs for the cluster to use."
    )
    addresses: list[Address] = pydantic.Field(
        default=[],
        description="Addresses that it has, where known; the checks of address pools and NFS"
        " exports use them.",
        examples=[["192.168.1.11"]],
    )
