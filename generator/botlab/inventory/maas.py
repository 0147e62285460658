"""Read what ``maas PROFILE machines read`` prints.

Fields (MAAS API 2.0, ``GET /api/2.0/machines/``): hostname, system_id, tag_names, zone.name,
ip_addresses, cpu_count, memory (MiB), status_name, architecture (``amd64/generic``), and
interface_set[].links[].subnet with cidr and gateway_ip. All but hostname may be absent.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ..errors import BotlabError


@dataclass(frozen=True, slots=True)
class MaasMachine:
    """One machine of MAAS.

    Attributes:
        name: Host name.
        system_id: MAAS's id; empty when not told.
        tags: Names of its tags.
        zone: Name of its zone.
        addresses: Its addresses, link-local ones left out.
        cores: Number of CPU cores; 0 when not told.
        memory: Memory in MiB; 0 when not told.
        status: MAAS's word for its state, such as ``Ready``.
        architecture: Such as ``amd64``.
        subnets: (CIDR, gateway) of the subnets that its interfaces are linked to.
    """

    name: str
    system_id: str
    tags: tuple[str, ...]
    zone: str
    addresses: tuple[str, ...]
    cores: int
    memory: int
    status: str
    architecture: str
    subnets: tuple[tuple[str, str], ...]


def read_machines(text: str, name: str) -> list[MaasMachine]:
    """Return the machines of a dump, in its order.

    Args:
        text: What the file holds.
        name: Its name, for errors.

    Raises:
        BotlabError: When it is not such a dump, or two machines have one host name.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BotlabError(f"{name}: is not JSON: {error}; {_HOW}") from None
    if not isinstance(data, list) or not data:
        raise BotlabError(f"{name}: is no list of machines; {_HOW}")
    machines = [_machine(item, index, name) for index, item in enumerate(cast("list[Any]", data))]
    names = [machine.name for machine in machines]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise BotlabError(f"{name}: more than one machine is called {', '.join(twice)}")
    return machines


_HOW = "give what `maas PROFILE machines read` prints"


def _machine(item: object, index: int, name: str) -> MaasMachine:
    body = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    host = body.get("hostname")
    if not isinstance(host, str) or not host:
        raise BotlabError(f"{name}: machine {index} has no hostname; {_HOW}")
    return MaasMachine(
        name=host,
        system_id=_text(body.get("system_id")),
        tags=tuple(tag for tag in _items(body.get("tag_names")) if isinstance(tag, str)),
        zone=_text(_mapping(body.get("zone")).get("name")),
        addresses=tuple(_addresses(body.get("ip_addresses"))),
        cores=_number(body.get("cpu_count")),
        memory=_number(body.get("memory")),
        status=_text(body.get("status_name")),
        architecture=_text(body.get("architecture")).partition("/")[0],
        subnets=tuple(_subnets(body.get("interface_set"))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**53 else 0


def _items(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _addresses(value: object) -> Iterator[str]:
    for item in _items(value):
        try:
            address = ipaddress.ip_address(_text(item))
        except ValueError:
            continue
        if not address.is_link_local and not address.is_loopback:
            yield str(address)


def _subnets(value: object) -> Iterator[tuple[str, str]]:
    for interface in _items(value):
        for link in _items(_mapping(interface).get("links")):
            subnet = _mapping(_mapping(link).get("subnet"))
            if _text(subnet.get("cidr")):
                yield _text(subnet.get("cidr")), _text(subnet.get("gateway_ip"))
