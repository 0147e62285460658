"""The machines of a site."""

from __future__ import annotations

import enum
import re
from typing import Annotated

import pydantic

from .addresses import Address
from .roles import Role
from .section import Section
from .text_format import TextFormat

# The names of the roles' applications, and other spellings of the roles.
NAMES_OF_ROLES = {
    "kubeapi-load-balancer": "load-balancer",
    "loadbalancer": "load-balancer",
    **dict.fromkeys(
        ("master", "kubernetes-master", "kubernetes-control-plane", "controlplane"),
        "control-plane",
    ),
    "kubernetes-worker": "worker",
}
# What people call these roles, too. As a tag in MAAS, such a word says something else.
OTHER_WORDS_OF_ROLES = {
    **NAMES_OF_ROLES,
    **dict.fromkeys(("ca", "vault"), "easyrsa"),
    "lb": "load-balancer",
    "api-server": "control-plane",
    **dict.fromkeys(("node", "compute", "minion"), "worker"),
}
_NFS = "nfs: {server: MACHINE}"
_GPU = "gpu: true at the machine, beside roles: [worker]"
_REGISTRY = "kubernetes: {registry: HOST:PORT}, which names a registry that the lab has"
# Words for parts of a lab that are no roles, with the keys that a site has for them.
KEYS_INSTEAD_OF_ROLES = {
    **dict.fromkeys(("nfs", "storage", "nfs-server", "nas"), _NFS),
    "metallb": "metallb: {pools: {default: {addresses: [FIRST-LAST]}}}",
    **dict.fromkeys(("kubeflow", "kubeflow-installer"), "kubeflow: {}"),
    **dict.fromkeys(("gpu", "nvidia", "nvidia-runtime"), _GPU),
    **dict.fromkeys(("registry", "docker-registry"), _REGISTRY),
    "keepalived": "kubernetes: {keepalived: {address: ADDRESS}}",
}


class Architecture(enum.Enum):
    """The architectures that this project's charms are packed for, as Juju names them."""

    AMD64 = "amd64"
    ARM64 = "arm64"


# Juju splits constraints at white space.
_ARCH_CONSTRAINT = re.compile(r"(?:^|\s)arch=(\S+)")


def arch_constraint(constraints: str) -> str:
    """Return the architecture that constraints name; empty when they name none."""
    match = _ARCH_CONSTRAINT.search(constraints)
    return match.group(1) if match else ""


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


class MachineSettings(Section):
    """The keys that a machine and a group of machines share."""

    tags: list[Tag] = pydantic.Field(
        default=[],
        description="MAAS tags that the machine must have. Give each machine a tag that no other"
        " machine has: only such a tag selects exactly this machine.",
        examples=[["gpu1"]],
    )
    arch: Architecture | None = pydantic.Field(
        default=None,
        description="Architecture of the machine: amd64 (the default) or arm64. It decides which"
        " archives of local charms are deployed, and the `arch` constraint of the applications.",
        examples=["arm64"],
    )
    constraints: str = pydantic.Field(
        default="",
        description="Further Juju constraints. The keys `tags`, `zone` and `arch` already set the"
        " constraints for tags, zones and the architecture.",
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
    workers: str = pydantic.Field(
        default="",
        description="The entry of `workers` whose application runs on a machine with the role"
        " worker. If it is empty, the worker application of the profile does.",
        examples=["a100"],
    )

    @pydantic.field_validator("constraints")
    @classmethod
    def _check_architecture(cls, constraints: str, info: pydantic.ValidationInfo) -> str:
        named, arch = arch_constraint(constraints), info.data.get("arch")
        if named and arch and named != arch.value:
            raise ValueError(
                f"asks for arch={named}, but the key arch of this machine is {arch.value}; keep"
                " one of the two"
            )
        return constraints


class Machine(MachineSettings):
    """A bare-metal machine that MAAS gives to Juju."""

    addresses: list[Address] = pydantic.Field(
        default=[],
        description="Addresses of the machine, if you know them. The checks of address pools and"
        " NFS exports use them.",
        examples=[["192.168.1.11"]],
    )

    @property
    def architecture(self) -> str:
        """The architecture that the keys `arch` or `constraints` name, or else amd64."""
        named = self.arch.value if self.arch else arch_constraint(self.constraints)
        return named or Architecture.AMD64.value
