"""The files of a profile: ``profile.yaml``, and the catalogue files of its charms.

The same models read the files of own profiles, check them, and document them.
"""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from ..site.applications import OptionValue, SourceKind
from ..site.kubernetes import Channel
from ..site.names import ApplicationName
from ..site.roles import Role
from ..site.section import Section
from .text_formats import (
    Base,
    Name,
    OptionalRelease,
    OptionalText,
    ProfileName,
    Release,
    ResourceName,
    ResourceNameOfProfile,
    Series,
    Text,
)

# A picture of a larger size cannot be drawn.
Coordinate = Annotated[int, pydantic.Field(ge=-100_000, le=100_000)]
# The types of an option's default, by the type of the option.
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "secret": (str,),
    "int": (int,),
    "float": (int, float),
    "boolean": (bool,),
}


class ApplicationFile(Section):
    """An application of a profile."""

    role: Role | None = pydantic.Field(
        default=None,
        description="Role of the machines that its units are placed on. Subordinates have none.",
        examples=["worker"],
    )
    store: str = pydantic.Field(
        default="",
        description="Charm Store URL with a revision. Only a profile for Juju 2 needs it.",
        examples=["cs:~containers/etcd-378"],
    )
    channel: Channel = pydantic.Field(
        default="",
        description="Charmhub channel of the charm. Without it, the charm follows the channel of"
        " the Kubernetes snaps.",
        examples=["1.35/candidate"],
    )
    revision: Annotated[int, pydantic.Field(ge=0, lt=2**31)] | None = pydantic.Field(
        default=None, description="Charmhub revision, if the profile pins one.", examples=[744]
    )
    cni: bool = pydantic.Field(
        default=False,
        description="Whether the application is a network of the pods. One of these is deployed:"
        " the first, or the one that the site names with kubernetes.cni.",
        examples=[True],
    )
    section: Literal["", "keepalived"] = pydantic.Field(
        default="",
        description="Section of the site's key `kubernetes` without which the application is not"
        " deployed; empty if it always is.",
        examples=["keepalived"],
    )
    x: Coordinate = pydantic.Field(default=0, description="Position in pictures, from the left.")
    y: Coordinate = pydantic.Field(default=0, description="Position in pictures, from the top.")


class UnusedKey(Section):
    """A key of the site file for which the profile's charms have no option."""

    problem: Text = pydantic.Field(
        description="What is wrong with a value of this key, in the words of a finding.",
        examples=["has no effect, because the charms have no Kubernetes dashboard"],
    )
    fix: Text = pydantic.Field(
        description="What the administrator should do.", examples=["remove the key"]
    )


class ProfileFile(Section):
    """The content of ``profile.yaml``."""

    name: ProfileName = pydantic.Field(
        description="Name of the profile, which is the name of its directory, too.",
        examples=["lab-k8s"],
    )
    extends: str = pydantic.Field(
        default="",
        description="A profile of this project whose files and keys are used where this profile"
        " has none. Mappings are merged key by key; a key that is null is removed.",
        examples=["charmed-k8s"],
    )
    title: Text = pydantic.Field(
        description="Title for people, in one line.", examples=["Kubernetes of our lab"]
    )
    kubernetes: OptionalRelease = pydantic.Field(
        description="Kubernetes release that is deployed if the site names no channel; empty for a"
        " cluster that the profile does not deploy.",
        examples=["1.35"],
    )
    releases: list[Release] = pydantic.Field(
        max_length=20,
        description="Kubernetes releases that the profile is known to deploy, from the oldest to"
        " the newest.",
        examples=[["1.34", "1.35"]],
    )
    series: Series = pydantic.Field(
        description="Ubuntu series of the machines.", examples=["noble"]
    )
    juju: list[Literal["2.6", "2.9", "3.6", "4.0"]] = pydantic.Field(
        min_length=1,
        description="Juju release lines that can deploy the profile.",
        examples=[["3.6", "4.0"]],
    )
    source: SourceKind = pydantic.Field(
        description="Where the charms come from, unless the site says otherwise.",
        examples=["charmhub"],
    )
    control_plane: str = pydantic.Field(
        description="Application that runs the API server; empty if the profile deploys none.",
        examples=["kubernetes-control-plane"],
    )
    worker: str = pydantic.Field(
        description="Application that runs the pods; empty if the profile deploys none.",
        examples=["kubernetes-worker"],
    )
    control_plane_runs_pods: bool = pydantic.Field(
        default=False, description="Whether pods run on the machines of the control plane, too."
    )
    required_roles: dict[Role, Annotated[int, pydantic.Field(ge=1, le=99)]] = pydantic.Field(
        description="Machine roles that every cluster needs, each with the smallest number of"
        " machines.",
        examples=[{"etcd": 1, "control-plane": 1, "worker": 1}],
    )
    unused_keys: dict[str, UnusedKey] = pydantic.Field(
        default={},
        description="Keys of the site file that have no effect, because the charms have no option"
        " for them.",
        examples=[{"kubernetes.dashboard": {"problem": "has no effect", "fix": "remove the key"}}],
    )
    applications: dict[ApplicationName, ApplicationFile] = pydantic.Field(
        max_length=100,
        description="Applications of the cluster, by name. The name is that of the charm, too."
        " This project's own charms (metallb, nfs-server, nvidia-runtime, kubeflow-installer) are"
        " not part of a profile.",
        examples=[{"kubernetes-worker": {"role": "worker", "x": 90, "y": 850}}],
    )


class EndpointFile(Section):
    """An endpoint of a charm."""

    role: Literal["provides", "requires", "peers"] = pydantic.Field(
        description="Role of the endpoint.", examples=["provides"]
    )
    interface: Name = pydantic.Field(
        description="Interface of the endpoint.", examples=["tls-certificates"]
    )
    scope: Literal["global", "container"] = pydantic.Field(
        default="global",
        description="`container` if a relation only joins units on the same machine.",
    )
    limit: Annotated[int, pydantic.Field(ge=0)] = pydantic.Field(
        default=0, description="Largest number of relations; 0 if the charm names none."
    )


class OptionFile(Section):
    """A config option of a charm."""

    type: Literal["string", "int", "float", "boolean", "secret"] = pydantic.Field(
        description="Type of the option.", examples=["string"]
    )
    default: OptionValue | None = pydantic.Field(
        default=None, description="Default of the option.", examples=["auto"]
    )
    since: OptionalRelease = pydantic.Field(
        default="",
        description="Kubernetes release from which on the charm has the option; empty if it"
        " always had it.",
        examples=["1.34"],
    )

    @pydantic.field_validator("default")
    @classmethod
    def _check_default(
        cls, default: OptionValue | None, info: pydantic.ValidationInfo
    ) -> OptionValue | None:
        kind = info.data.get("type")
        is_boolean = isinstance(default, bool)
        if default is None or kind is None:
            return default
        if not isinstance(default, _TYPES[kind]) or is_boolean != (kind == "boolean"):
            raise ValueError(f"not a value of the type {kind}")
        return default


class CharmFile(Section):
    """The content of a catalogue file, ``catalogue/CHARM.yaml``: the facts about a charm."""

    name: ApplicationName = pydantic.Field(
        description="Name of the charm, which is the name of the file, too.", examples=["easyrsa"]
    )
    source: OptionalText = pydantic.Field(
        default="",
        description="Where the facts come from, for people.",
        examples=["charmed-kubernetes/layer-easyrsa@57d36c3"],
    )
    subordinate: bool = pydantic.Field(
        default=False, description="Whether the charm is a subordinate."
    )
    series: list[Series] = pydantic.Field(
        default=[], description="Ubuntu series of the charm.", examples=[["jammy", "noble"]]
    )
    bases: list[Base] = pydantic.Field(
        default=[],
        description="Bases of the charm, in place of series.",
        examples=[["ubuntu@24.04"]],
    )
    endpoints: dict[Name, EndpointFile] = pydantic.Field(
        default={},
        description="Endpoints of the charm, by name.",
        examples=[{"client": {"role": "provides", "interface": "tls-certificates"}}],
    )
    options: dict[Name, OptionFile] = pydantic.Field(
        default={},
        description="Config options of the charm, by name.",
        examples=[{"channel": {"type": "string", "default": "auto"}}],
    )
    actions: dict[Name, list[Name]] = pydantic.Field(
        default={},
        description="Actions of the charm, by name, each with the names of its parameters.",
        examples=[{"snapshot": ["target"]}],
    )
    resources: list[ResourceName] = pydantic.Field(
        default=[], description="Names of the charm's resources.", examples=[["easyrsa"]]
    )
    offline: list[ResourceNameOfProfile] = pydantic.Field(
        default=[],
        description="Resources that the charm needs on a machine without Internet access. `{arch}`"
        " stands for the machine's architecture.",
        examples=[["cni-{arch}"]],
    )
    storage: list[Name] = pydantic.Field(
        default=[], description="Names of the charm's storages.", examples=[["data"]]
    )
    extra_bindings: list[Name] = pydantic.Field(
        default=[], description="Names of the charm's extra bindings.", examples=[["public"]]
    )
    lxd_profile: bool | None = pydantic.Field(
        default=None,
        description="Whether the charm has a profile for LXD containers; leave it out if you do"
        " not know.",
        examples=[True],
    )
