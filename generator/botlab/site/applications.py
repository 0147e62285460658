"""Sources of charms, and settings for single applications."""

from __future__ import annotations

import enum
from typing import Annotated

import pydantic

from ..yaml_nodes import PlainText
from .section import Section


class SourceKind(enum.Enum):
    """The kinds of places that a charm comes from."""

    STORE = "store"
    LOCAL = "local"
    CHARMHUB = "charmhub"


class Charms(Section):
    """Where charms come from, unless an application says otherwise."""

    source: SourceKind | None = pydantic.Field(
        default=None,
        description="Source of the charms: store (cs: URLs as in 2019, for a cached or mirrored"
        " store), local (the directory charms.folder) or charmhub. If it is not set, the"
        " profile's source is used.",
    )
    folder: str = pydantic.Field(
        default="charms",
        description="Directory of the local charms, relative to the site file. Each charm is a"
        " file NAME.charm or a directory NAME/.",
    )
    revisions: str = pydantic.Field(
        default="",
        description="File with the revisions of the charms from Charmhub, relative to the site"
        " file: either NAME: REVISION for each charm, or a bundle that `juju export-bundle` wrote."
        " The profile k8s-1.13 names its revisions itself.",
        examples=["revisions.yaml"],
    )
    own: str = pydantic.Field(
        default="charms",
        description="Directory of this project's packed charms, relative to the site file. The"
        " files are named NAME_BASES_ARCH.charm.",
    )


class CharmSource(Section):
    """The charm of one application. Exactly one of store, local and charmhub is set."""

    store: str = pydantic.Field(
        default="", description="Charm Store URL.", examples=["cs:~containers/etcd-378"]
    )
    local: str = pydantic.Field(
        default="",
        description="Path of a charm file or directory, relative to the site file.",
        examples=["./charms/etcd"],
    )
    charmhub: str = pydantic.Field(default="", description="Charmhub name.", examples=["etcd"])
    channel: str = pydantic.Field(
        default="", description="Charmhub channel.", examples=["1.35/stable"]
    )
    revision: Annotated[int, pydantic.Field(ge=0)] | None = pydantic.Field(
        default=None, description="Charmhub revision.", examples=[744]
    )

    @pydantic.model_validator(mode="after")
    def _check_single_source(self) -> CharmSource:
        sources = [key for key in ("store", "local", "charmhub") if getattr(self, key)]
        if len(sources) != 1:
            raise ValueError(
                f"names {' and '.join(sources) or 'no source'}; name exactly one of store, local"
                " and charmhub"
            )
        return self


Scalar = str | bool | int | float


def _read_scalar(scalar: object) -> Scalar:
    if isinstance(scalar, PlainText):
        scalar = scalar.value
    if isinstance(scalar, str | bool | int | float):
        return scalar
    raise ValueError("not a single value; write a string, a number, true or false")


# The values of charm options. An unquoted scalar has the type that YAML gives it.
OptionValue = Annotated[
    Scalar,
    pydantic.PlainValidator(_read_scalar),
    pydantic.WithJsonSchema({"type": ["string", "boolean", "integer", "number"]}),
]


def _read_resource(resource: object) -> int | str:
    scalar = _read_scalar(resource)
    if isinstance(scalar, bool | float):
        raise ValueError("not a resource; write its revision number or the path of a file")
    return scalar


Resource = Annotated[
    int | str,
    pydantic.PlainValidator(_read_resource),
    pydantic.WithJsonSchema({"type": ["integer", "string"]}),
]


class Application(Section):
    """Settings of one application that differ from the profile."""

    charm: CharmSource | None = pydantic.Field(
        default=None, description="Source of the application's charm."
    )
    to: list[str] | None = pydantic.Field(
        default=None,
        description="Placement of each unit, in order. It replaces the placement by the roles of"
        " the machines. Write a machine name, or lxd:NAME for a container on that machine.",
        examples=[["node3", "node1", "lxd:node0"]],
    )
    options: dict[str, OptionValue] = pydantic.Field(
        default={},
        description="Charm options, as `juju config` accepts them.",
        examples=[{"labels": "pool=a"}],
    )
    constraints: str = pydantic.Field(
        default="",
        description="Juju constraints. They apply only to containers of the application. The"
        " constraint `arch` follows the machines of the units, so leave it out.",
    )
    bindings: dict[str, str] = pydantic.Field(
        default={},
        description='Network space of each endpoint. The key "" sets the default for all'
        " endpoints.",
        examples=[{"": "lan"}],
    )
    resources: dict[str, Resource] = pydantic.Field(
        default={},
        description="Resources, by name: a revision, or the path of a file, relative to the site"
        " file.",
        examples=[{"etcd": "./resources/etcd.snap"}],
    )
    storage: dict[str, str] = pydantic.Field(
        default={},
        description="Storage, by the name that the charm gives it: a Juju storage directive with a"
        " pool, a size or a count.",
        examples=[{"data": "loop,20G"}],
    )
    expose: bool | None = pydantic.Field(
        default=None,
        description="Whether the application is exposed. If it is not set, the profile decides.",
    )
