"""The shared storage of a site."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from .addresses import ClientNetwork
from .directories import Directory
from .names import MachineName
from .section import Section
from .text_format import TextFormat

ShareName = Annotated[
    str,
    TextFormat(
        r"^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
        "a share name",
        "use at most 42 lower-case letters, digits and hyphens",
    ),
]
# A DNS subdomain (apimachinery, validation.go).
ClassName = Annotated[
    str,
    TextFormat(
        r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        "the name of a StorageClass",
        "use lower-case letters, digits, dots and hyphens",
    ),
]
# The value of `storage` for a file system that already exists. Other values are Juju's storage
# directives.
MOUNTED = "mounted"


def _read_storage(text: str) -> str:
    # Juju would take "Mounted" for the name of a storage pool.
    return MOUNTED if text.lower() == MOUNTED else text


Storage = Annotated[str, pydantic.AfterValidator(_read_storage)]


class NfsShare(Section):
    """An additional directory that the NFS server exports."""

    path: Directory = pydantic.Field(
        description="Absolute path of the directory. It must not be inside the directory of"
        " another share.",
        examples=["/srv/datasets"],
    )
    networks: list[ClientNetwork] = pydantic.Field(
        default=[],
        description="Networks that may mount the share. If the list is empty, the networks of"
        " nfs.networks may mount it.",
    )
    read_only: bool = pydantic.Field(
        default=False, description="Whether clients can only read the share."
    )


class Nfs(Section):
    """Shared storage and the default StorageClass (charm nfs-server)."""

    server: MachineName = pydantic.Field(
        description="Name of the machine that exports the storage.", examples=["node0"]
    )
    path: Directory = pydantic.Field(
        default="/nfsroot",
        description="Absolute path of the exported directory.",
    )
    networks: list[ClientNetwork] = pydantic.Field(
        default=[],
        description="Networks that may mount the directory. If the list is empty,"
        " networks.lan.cidr may mount it. The nodes of the cluster can always mount it, by their"
        " addresses.",
        examples=[["192.168.1.0/24"]],
    )
    storage: Storage = pydantic.Field(
        default="",
        description="File system that holds the directory. Leave it empty to use the system disk"
        " of the server. Write mounted for a separate file system that MAAS mounts at the"
        " directory. Any other value is a Juju storage directive that requests a file system: a"
        " storage pool, and a size with its unit. The pool loop reserves the size in a file on the"
        " system disk, so that claims cannot fill the disk. The pool maas does not work, because"
        " MAAS only adds disks while it allocates a machine. With a directive, path must stay"
        " /nfsroot.",
        examples=["loop,200G"],
    )
    shares: dict[ShareName, NfsShare] = pydantic.Field(
        default={},
        description="Additional directories to export, by share name.",
        examples=[{"data": {"path": "/srv/datasets"}}],
    )
    storage_class: ClassName = pydantic.Field(
        default="nfs", description="Name of the StorageClass."
    )
    default_class: bool = pydantic.Field(
        default=True,
        description="Whether the StorageClass is the cluster's default StorageClass.",
    )
    reclaim_policy: Literal["Delete", "Retain"] = pydantic.Field(
        default="Delete", description="What happens to a volume after its claim is deleted."
    )
