"""Where charms come from, and the escape hatch for single applications."""

from __future__ import annotations

import enum
from typing import Annotated

import pydantic

from ..yamlmarks import PlainText
from .base import Part


class Source(enum.Enum):
    """Where a charm is taken from."""

    STORE = "store"
    LOCAL = "local"
    CHARMHUB = "charmhub"


class Charms(Part):
    """Where charms come from unless an application says otherwise."""

    source: Source | None = pydantic.Field(
        default=None,
        description="store (cs: URLs as in 2019, for a cached or mirrored store), local (folder"
        " below) or charmhub; empty takes the profile's.",
    )
    folder: str = pydantic.Field(
        default="charms",
        description="Folder of local charms, each NAME.charm or NAME/, from the site file.",
    )
    own: str = pydantic.Field(
        default="charms",
        description="Folder of this suite's packed charms, from the site file.",
    )


class CharmSource(Part):
    """The charm of one application: exactly one of store, local and charmhub."""

    store: str = pydantic.Field(
        default="", description="Charm Store URL.", examples=["cs:~containers/etcd-378"]
    )
    local: str = pydantic.Field(
        default="",
        description="Path of a charm file or folder, from the site file.",
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
    def _exactly_one(self) -> CharmSource:
        named = [key for key in ("store", "local", "charmhub") if getattr(self, key)]
        if len(named) != 1:
            raise ValueError(
                f"names {' and '.join(named) or 'no source'}; name exactly one of store, local"
                " and charmhub"
            )
        return self


def _read_scalar(value: object) -> str | bool | int | float:
    if isinstance(value, PlainText):
        value = value.value
    if isinstance(value, str | bool | int | float):
        return value
    raise ValueError("no single value; write a text, a number, true or false")


# What a charm option may hold: an unquoted scalar has the type that YAML gives it.
Scalar = Annotated[
    str | bool | int | float,
    pydantic.PlainValidator(_read_scalar),
    pydantic.WithJsonSchema({"type": ["string", "boolean", "integer", "number"]}),
]


def _read_resource(value: object) -> int | str:
    found = _read_scalar(value)
    if isinstance(found, bool | float):
        raise ValueError("no resource; write its revision number or the path of a file")
    return found


Resource = Annotated[
    int | str,
    pydantic.PlainValidator(_read_resource),
    pydantic.WithJsonSchema({"type": ["integer", "string"]}),
]


class Application(Part):
    """What one application gets that differs from the profile."""

    charm: CharmSource | None = pydantic.Field(
        default=None, description="Where its charm comes from."
    )
    to: list[str] | None = pydantic.Field(
        default=None,
        description="Placement of each unit in order, instead of the machines' roles: a machine"
        " name, or lxd:NAME for a container on it.",
        examples=[["node3", "node1", "lxd:node0"]],
    )
    options: dict[str, Scalar] = pydantic.Field(
        default={},
        description="Raw charm options, as `juju config` takes them.",
        examples=[{"labels": "pool=a"}],
    )
    constraints: str = pydantic.Field(
        default="", description="Raw constraints (only containers of the application use them)."
    )
    bindings: dict[str, str] = pydantic.Field(
        default={},
        description='Spaces by endpoint; "" is the default of all endpoints.',
        examples=[{"": "lan"}],
    )
    resources: dict[str, Resource] = pydantic.Field(
        default={},
        description="Resource revisions, or paths of files from the site file.",
        examples=[{"etcd": "./resources/etcd.snap"}],
    )
    expose: bool | None = pydantic.Field(
        default=None, description="Whether it is exposed; empty takes the profile's."
    )
