"""The networks of a site."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError

from ..address_spans import AnyNetwork
from .addresses import Address, AddressRange, Network
from .section import NAME_MARK, Section
from .text_format import TextFormat

_NETWORK_NAME = TextFormat(
    r"^[a-z]([a-z0-9-]*[a-z0-9])?$",
    "the name of a network",
    "use lower-case letters, digits and hyphens",
)


# Juju's own format of a space (SpaceSnippet in space.go of github.com/juju/names).
SPACE = TextFormat(
    r"^([a-z0-9]+(-[a-z0-9]+)*)?$",
    "the name of a space in Juju",
    "use lower-case letters, digits and single hyphens; `juju spaces` lists the names",
)
_Space = Annotated[str, SPACE]


class Lan(Section):
    """A network that machines are connected to."""

    cidr: Network = pydantic.Field(
        description="Address range of the network, as NETWORK/BITS.", examples=["192.168.1.0/24"]
    )
    gateway: Address | None = pydantic.Field(
        default=None, description="Gateway of the network.", examples=["192.168.1.1"]
    )
    dhcp: list[AddressRange] = pydantic.Field(
        default=[],
        description="Address ranges that a DHCP server (MAAS) assigns. Address pools must not"
        " overlap them.",
        examples=[["192.168.1.100-192.168.1.199"]],
    )
    space: _Space = pydantic.Field(
        default="",
        description="Space of the network in Juju and MAAS. The space of networks.lan is the"
        " default of all endpoints, and applications.NAME.bindings binds an endpoint to another"
        " one.",
        examples=["lan"],
    )


def _describe_further(schema: dict[str, Any]) -> None:
    """Adapt the JSON Schema: all further keys are networks."""
    schema["additionalProperties"] = schema["properties"]["lan"]["anyOf"][0]
    schema["propertyNames"] = {"pattern": _NETWORK_NAME.pattern}


class Networks(Section):
    """The networks of the cluster and of its machines.

    All keys that are not described here are names of further networks of the machines.
    """

    model_config = pydantic.ConfigDict(extra="allow", json_schema_extra=_describe_further)
    __pydantic_extra__: dict[str, Lan] = pydantic.Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    services: Network = pydantic.Field(
        default=ipaddress.ip_network("10.152.183.0/24"),
        description="Network of the cluster's services.",
    )
    pods: Network = pydantic.Field(
        default=ipaddress.ip_network("10.1.0.0/16"), description="Network of the cluster's pods."
    )
    services_ipv6: Network | None = pydantic.Field(
        default=None,
        description="Second network of the services, for a cluster with both IP versions.",
        examples=["fd00:10:152::/112"],
    )
    pods_ipv6: Network | None = pydantic.Field(
        default=None,
        description="Second network of the pods, for a cluster with both IP versions.",
        examples=["fd00:10:1::/64"],
    )
    lan: Lan | None = pydantic.Field(
        default=None,
        description="Network of the machines.",
    )

    @pydantic.model_validator(mode="after")
    def _check_names(self) -> Networks:
        errors = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "value_error", "{reason}", {"reason": _NETWORK_NAME.refusal}
                ),
                loc=(name, NAME_MARK),
                input=name,
            )
            for name in self.__pydantic_extra__
            if not _NETWORK_NAME.fits(name)
        ]
        if errors:
            raise pydantic.ValidationError.from_exception_data("networks", errors)
        return self

    @property
    def of_machines(self) -> dict[str, Lan]:
        """The networks that machines are connected to, by name, the LAN first."""
        lan = {"lan": self.lan} if self.lan else {}
        return {**lan, **self.__pydantic_extra__}

    @property
    def of_pods(self) -> list[AnyNetwork]:
        """The networks of the pods, that of the preferred IP version first."""
        return [self.pods, *([self.pods_ipv6] if self.pods_ipv6 else [])]

    @property
    def of_services(self) -> list[AnyNetwork]:
        """The networks of the services, that of the preferred IP version first."""
        return [self.services, *([self.services_ipv6] if self.services_ipv6 else [])]
