"""The subnets of MAAS, and the ranges of addresses that it treats specially.

Fields (MAAS API 2.0, the same from 2.4 to 3.6; in MAAS's source
``src/maasserver/api/subnets.py`` DISPLAYED_SUBNET_FIELDS, ``vlans.py`` DISPLAYED_VLAN_FIELDS and
``ipranges.py`` DISPLAYED_IPRANGE_FIELDS):

- ``maas PROFILE subnets read``, and ``subnet`` of a link of a machine: cidr, name, gateway_ip,
  space, managed, vlan.id, vlan.vid, vlan.fabric, vlan.dhcp_on.
- ``maas PROFILE ipranges read``: type (``dynamic`` or ``reserved``), start_ip, end_ip, comment.
- ``maas PROFILE reserved-ips read`` (``reservedip.py``, from 3.6 on): ip, comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..address_spans import AnyNetwork, Span, span_of_network
from ..json_values import mapping_of
from ..shell import command_line
from .fields import JsonObject, address_of, name_of, network_of, number_of, text_of


@dataclass(frozen=True, slots=True)
class MaasSubnet:
    """A subnet.

    Attributes:
        network: Its network.
        name: Its name, which is the network unless somebody gave it another one.
        gateway: Its gateway as the dump has it; empty for none.
        vlan_id: MAAS's own id of its VLAN; 0 when the dump lacks it.
        vid: The number of its VLAN; 0 for untagged.
        fabric: The fabric of the VLAN.
        space: Its space; empty for none.
        is_managed: Whether MAAS assigns its addresses. In a subnet that is not managed, MAAS
            assigns only addresses of reserved ranges (``src/maasserver/models/subnet.py``).
        has_dhcp: Whether MAAS runs a DHCP server in its VLAN.
    """

    network: AnyNetwork
    name: str = ""
    gateway: str = ""
    vlan_id: int = 0
    vid: int = 0
    fabric: str = ""
    space: str = ""
    is_managed: bool = True
    has_dhcp: bool = False

    @property
    def cidr(self) -> str:
        """The network as text."""
        return str(self.network)

    @property
    def span(self) -> Span:
        """All its addresses."""
        return span_of_network(self.network)

    @property
    def gateway_is_inside(self) -> bool:
        """Whether its gateway is an address of the network."""
        address = address_of(self.gateway)
        return address is not None and address in self.network

    def describe(self) -> str:
        """Return its VLAN, fabric and space in a few words; empty when the dump lacks them."""
        vlan = f"VLAN {self.vid}" if self.vid else "untagged"
        parts = [vlan, self.fabric] if self.fabric else []
        # MAAS calls the space of a VLAN without one "undefined".
        parts.append(f"space {self.space}" if self.space not in ("", "undefined") else "")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class AddressRange:
    """A range of addresses that MAAS treats specially.

    Attributes:
        kind: ``reserved`` for addresses that MAAS does not assign by itself, ``dynamic`` for those
            of its DHCP server.
        span: The addresses.
        comment: What people wrote about it.
    """

    kind: str
    span: Span
    comment: str = ""


def subnet_of(fields: JsonObject) -> MaasSubnet | None:
    """Return the subnet of a JSON object; None when it has no network."""
    network = network_of(fields.get("cidr"))
    if network is None:
        return None
    vlan = mapping_of(fields.get("vlan"))
    return MaasSubnet(
        network,
        name=text_of(fields.get("name")),
        gateway=text_of(fields.get("gateway_ip")),
        vlan_id=number_of(vlan.get("id")),
        vid=number_of(vlan.get("vid")),
        fabric=name_of(vlan.get("fabric")),
        space=text_of(fields.get("space")) or text_of(vlan.get("space")),
        is_managed=fields.get("managed") is not False,
        has_dhcp=vlan.get("dhcp_on") is True,
    )


def subnets_of(entries: Iterable[JsonObject]) -> Iterator[MaasSubnet]:
    """Yield the subnets of a dump."""
    for entry in entries:
        subnet = subnet_of(entry)
        if subnet is not None:
            yield subnet


def ranges_of(entries: Iterable[JsonObject]) -> Iterator[AddressRange]:
    """Yield the ranges of a dump."""
    for entry in entries:
        first, last = address_of(entry.get("start_ip")), address_of(entry.get("end_ip"))
        if first and last and first.version == last.version:
            span = Span(first, last)
            yield AddressRange(text_of(entry.get("type")), span, text_of(entry.get("comment")))


def reserved_addresses_of(entries: Iterable[JsonObject]) -> Iterator[AddressRange]:
    """Yield the addresses that MAAS keeps for the network cards of certain machines."""
    for entry in entries:
        address = address_of(entry.get("ip"))
        if address:
            yield AddressRange("card", Span(address, address), text_of(entry.get("comment")))


def reservation(profile: str, span: Span) -> str:
    """Return the command that reserves addresses in MAAS (``IPRangesHandler``, 2.4 and later).

    Args:
        profile: The profile of the maas command.
        span: The addresses.
    """
    return command_line(
        "maas", profile, "ipranges", "create", "type=reserved", f"start_ip={span.first}",
        f"end_ip={span.last}", "comment=metallb",
    )  # fmt: skip
