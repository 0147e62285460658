"""The site file's top level."""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal

import pydantic
from pydantic_core import PydanticKnownError

from .applications import Application, Charms, OptionValue
from .gpu import Gpu, Nvidia
from .groups import Groups
from .kubeflow import Kubeflow
from .kubernetes import Kubernetes, Proxy
from .machines import Machine
from .metallb import Metallb
from .names import ApplicationName, MachineName
from .networks import Networks
from .nfs import FurtherNfs, Nfs, NfsServerName
from .section import Section
from .text_format import TextFormat
from .workers import Workers, WorkersName

# Juju accepts the name for a model too.
_SITE_NAME = TextFormat(
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    "a site name",
    "use at most 63 lower-case letters, digits and hyphens",
)
# Juju's keys have this form (juju/juju environs/config/config.go).
_CONFIGURATION_KEY = TextFormat(
    r"^[a-z0-9]+(-[a-z0-9]+)*$",
    "a key of the model's configuration",
    "write one such as apt-mirror; `juju model-config` lists them",
)
ConfigurationKey = Annotated[str, _CONFIGURATION_KEY]

_RULE_ID = TextFormat(
    r"^BL[0-9]{3}$", "the id of a rule", "write an id such as BL040; `botlab explain` lists them"
)
_REASON = TextFormat(
    r"^.+$", "a reason", "write in one line why the finding does not matter in this lab"
)


def _require_machines_or_groups(schema: dict[str, Any]) -> None:
    """Adapt the JSON Schema: a site needs machines, or groups of machines."""
    schema["required"].remove("machines")
    schema["anyOf"] = [
        {"required": [key], "properties": {key: {"minProperties": 1}}}
        for key in ("machines", "groups")
    ]


class Site(Section):
    """A lab: its machines, its cluster, and the software on the cluster."""

    model_config = pydantic.ConfigDict(json_schema_extra=_require_machines_or_groups)

    site: Annotated[str, _SITE_NAME] = pydantic.Field(
        description="Name of the site and of its Juju model.", examples=["botlab"]
    )
    juju: Literal["2.6", "2.9", "3.6", "4.0"] = pydantic.Field(
        description="Release line of the Juju client and controller. The checks follow the rules"
        " of this release line and quote its messages.",
        examples=["3.6"],
    )
    description: str = pydantic.Field(
        default="", description="Description of the site, in one line."
    )
    kubernetes: Kubernetes = pydantic.Field(description="The Kubernetes cluster.")
    groups: Groups = pydantic.Field(
        default={},
        description="Groups of machines that differ only by a number, by the names of their"
        " machines with a range. The bundle numbers these machines after those of `machines`. An"
        " entry of `machines` with the name of such a machine only overrides keys of the group.",
        examples=[{"gpu[0-7]": {"tags": ["gpu[0-7]"], "roles": ["worker"], "gpu": True}}],
    )
    machines: dict[MachineName, Machine] = pydantic.Field(
        description="Machines, by name. The bundle numbers its machines from 0, in this order."
        " Required, unless all machines are in `groups`.",
        examples=[{"node0": {"tags": ["node0"], "roles": ["etcd", "control-plane"]}}],
    )
    workers: dict[WorkersName, Workers] = pydantic.Field(
        default={},
        description="Worker applications with settings of their own, by name. Their machines name"
        " them with the key `workers`. The application of a100 is, for example,"
        " kubernetes-worker-a100.",
        examples=[{"a100": {"gpu-model": "A100", "labels": {"pool": "training"}}}],
    )
    networks: Networks = pydantic.Field(
        default=Networks(),
        description="Networks of the cluster and of the machines. Keys that are not described here"
        " are names of further networks of the machines, with the keys of networks.lan.",
    )
    proxy: Proxy | None = pydantic.Field(
        default=None,
        description="Proxy for access to the Internet. Leave the section out if there is none.",
    )
    # Pydantic reserves the name model_config.
    configuration: dict[ConfigurationKey, OptionValue] = pydantic.Field(
        alias="model-config",
        default={},
        description="Options of the Juju model, such as mirrors. `botlab render` prints the"
        " command that sets them, and `botlab deploy` sets them. They override those of the"
        " section `proxy`.",
        examples=[{"apt-mirror": "http://mirror.lab.example/ubuntu"}],
    )
    charms: Charms = pydantic.Field(
        default=Charms(),
        description="Source of the charms. The key `charm` of an application overrides it.",
    )
    gpu: Gpu = pydantic.Field(default=Gpu(), description="Who installs the GPU stack.")
    nvidia: Nvidia = pydantic.Field(
        default=Nvidia(), description="Driver and container runtime of the GPU machines."
    )
    metallb: Metallb | None = pydantic.Field(
        default=None,
        description="Addresses of LoadBalancer services. Without this section, such services get"
        " no address.",
    )
    nfs: Nfs | None = pydantic.Field(
        default=None,
        description="Shared storage. Without this section, the cluster has no StorageClass.",
    )
    nfs_servers: dict[NfsServerName, FurtherNfs] = pydantic.Field(
        default={},
        description="Further NFS servers beside that of `nfs`, each with a StorageClass of its"
        " own. The application of fast is, for example, nfs-server-fast.",
        examples=[{"fast": {"server": "node1", "storage": "mounted"}}],
    )
    kubeflow: Kubeflow | None = pydantic.Field(
        default=None, description="Kubeflow. Without this section, it is not installed."
    )
    applications: dict[ApplicationName, Application] = pydantic.Field(
        default={},
        description="Settings of single applications, where they differ from the profile.",
        examples=[{"etcd": {"to": ["node0", "node1", "node2"]}}],
    )
    overlays: list[str] = pydantic.Field(
        default=[],
        description="Bundle overlays, relative to the site file: all that a bundle can hold and"
        " this file cannot, such as offers, remote applications (saas) and further applications."
        " botlab checks and plans the bundle with them. `botlab render` prints the command with"
        " which `juju deploy` reads them, and `botlab deploy` passes them on.",
        examples=[["./overlays/observability.yaml"]],
    )
    ignore: dict[Annotated[str, _RULE_ID], Annotated[str, _REASON]] = pydantic.Field(
        default={},
        description="Rules whose findings are not reported, each with the reason. What Juju"
        " refuses cannot be ignored.",
        examples=[{"BL040": "the mirror has a single revision of each charm"}],
    )

    @pydantic.field_validator("machines")
    @classmethod
    def _check_not_empty(
        cls, machines: dict[str, Machine], info: pydantic.ValidationInfo
    ) -> dict[str, Machine]:
        if not machines and not info.data.get("groups", True):
            raise PydanticKnownError(
                "too_short", {"field_type": "Dictionary", "min_length": 1, "actual_length": 0}
            )
        return machines

    @property
    def nfs_sections(self) -> dict[tuple[str, ...], Nfs]:
        """The sections of the NFS servers, by their keys: that of `nfs` first."""
        first: dict[tuple[str, ...], Nfs] = {("nfs",): self.nfs} if self.nfs else {}
        return {**first, **{("nfs-servers", name): nfs for name, nfs in self.nfs_servers.items()}}

    @functools.cached_property
    def architectures(self) -> list[str]:
        """The architectures of the machines, in their order."""
        return [machine.architecture for machine in self.machines.values()]
