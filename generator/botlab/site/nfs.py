"""The shared storage of a site."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError

from .addresses import ClientNetwork
from .directories import DIRECTORY, normalize_directory
from .external_exports import EXTERNAL_EXPORT, normalize_export
from .names import WORDS, MachineName
from .section import Section
from .text_format import TextFormat

Directory = Annotated[str, DIRECTORY, pydantic.AfterValidator(normalize_directory)]
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
ExternalExport = Annotated[str, EXTERNAL_EXPORT, pydantic.AfterValidator(normalize_export)]
# The charm accepts the same options.
MountOptions = Annotated[
    str,
    TextFormat(
        r"^([a-z0-9_]+(=[A-Za-z0-9.:_/-]+)?(,[a-z0-9_]+(=[A-Za-z0-9.:_/-]+)?)*)?$",
        "a list of mount options",
        "write options such as nfsvers=4.1,hard, separated by commas",
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


def _require_server_or_external(schema: dict[str, Any]) -> None:
    """Adapt the JSON Schema: the files are on a machine of the site, or on another server."""
    schema["oneOf"] = [{"required": ["server"]}, {"required": ["external"]}]


class Nfs(Section):
    """Shared storage and the default StorageClass (charm nfs-server)."""

    model_config = pydantic.ConfigDict(json_schema_extra=_require_server_or_external)

    server: MachineName | None = pydantic.Field(
        default=None,
        description="Name of the machine that exports the storage. Required, unless the files are"
        " on another server (external).",
        examples=["node0"],
    )
    external: ExternalExport = pydantic.Field(
        default="",
        description="Export of an NFS server that Juju does not manage, such as a NAS, as"
        " HOST:/PATH, in place of server. The charm then only makes the StorageClass on it. The"
        " server must let root of the cluster's nodes write (no_root_squash).",
        examples=["nas.lab.example:/tank/k8s"],
    )
    mount_options: MountOptions = pydantic.Field(
        default="",
        description="Options that the nodes mount volumes with, separated by commas.",
        examples=["nfsvers=4.1,hard,nconnect=4"],
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

    @pydantic.model_validator(mode="after")
    def _check_server(self) -> Nfs:
        if self.server and self.external:
            reason = "excludes server; remove one of the two keys"
            problem: Any = PydanticCustomError("value_error", "{reason}", {"reason": reason})
            details = InitErrorDetails(type=problem, loc=("external",), input=self.external)
        elif not self.server and not self.external:
            details = InitErrorDetails(type="missing", loc=("server",), input={})
        else:
            return self
        raise pydantic.ValidationError.from_exception_data("nfs", [details])


class FurtherNfs(Nfs):
    """A further NFS server, with a StorageClass of its own."""

    storage_class: ClassName | Literal[""] = pydantic.Field(
        default="",
        description="Name of the StorageClass; if it is empty, the name of the entry.",
    )
    default_class: bool = pydantic.Field(
        default=False,
        description="Whether the StorageClass is the cluster's default StorageClass.",
    )


# The name is the last part of the names of an application and of objects on the cluster.
NfsServerName = Annotated[
    str,
    TextFormat(
        rf"^(?=.{{1,30}}$){WORDS}$",
        "the name of an NFS server",
        "use at most 30 lower-case letters, digits and hyphens, with a letter in each word",
    ),
]
