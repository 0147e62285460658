"""The machines of a site."""

from __future__ import annotations

import enum
from typing import Annotated

import pydantic

from .addresses import Address
from .section import Section
from .text_format import TextFormat


class Role(enum.Enum):
    """What runs on a machine. Each profile names the application of a role."""

    EASYRSA = "easyrsa"
    ETCD = "etcd"
    LOAD_BALANCER = "load-balancer"
    CONTROL_PLANE = "control-plane"
    WORKER = "worker"


# MAAS accepts letters, digits, "_" and "-" in a tag (its MODEL_NAME_VALIDATOR). Juju adds "^" in
# front of a tag that the machine must not have.
Tag = Annotated[
    str,
    TextFormat(
        r"^\^?[A-Za-z0-9_-]+$",
        "a tag",
        "use letters, digits, _ and -, with ^ in front of a tag that the machine must not have",
    ),
]


class Machine(Section):
    """A bare-metal machine that MAAS gives to Juju."""

    tags: list[Tag] = pydantic.Field(
        default=[],
        description="MAAS tags that the machine must have. Give each machine a tag that no other"
        " machine has: only such a tag selects exactly this machine.",
        examples=[["gpu1"]],
    )
    constraints: str = pydantic.Field(
        default="",
        description="Further Juju constraints. The keys `tags` and `zone` already set the"
        " constraints for tags and zones.",
        examples=["cores=8 mem=32G root-disk=200G"],
    )
    zone: str = pydantic.Field(default="", description="MAAS zone.", examples=["rack-a"])
    roles: list[Role] = pydantic.Field(
        default=[],
        description="Parts of the cluster that run on the machine.",
        examples=[["etcd", "control-plane"]],
    )
    gpu: bool = pydantic.Field(
        default=False, description="Whether the machine has NVIDIA GPUs for the cluster."
    )
    addresses: list[Address] = pydantic.Field(
        default=[],
        description="Addresses of the machine, if you know them. The checks of address pools and"
        " NFS exports use them.",
        examples=[["192.168.1.11"]],
    )
