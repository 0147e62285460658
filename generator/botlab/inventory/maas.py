"""Read the machine dump that ``maas PROFILE machines read`` prints.

Fields (MAAS API 2.0, ``GET /api/2.0/machines/``): hostname, system_id, tag_names, zone.name,
ip_addresses, cpu_count, memory (MiB), storage (MB), status_name, power_type, power_state,
architecture (``amd64/generic``), and interface_set[].links[].subnet with cidr and gateway_ip. All
but hostname are optional.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ..errors import BotlabError
from ..json_text import load_json

_ADVICE = "pass the output of `maas PROFILE machines read`"


@dataclass(frozen=True, slots=True)
class MaasMachine:
    """A machine of MAAS.

    Attributes:
        name: Host name.
        system_id: The machine's id in MAAS; empty when the dump lacks it.
        tags: Names of its tags.
        zone: Name of its zone.
        addresses: Its addresses without link-local and loopback ones.
        cores: Number of CPU cores; 0 when the dump lacks it.
        memory: Memory in MiB; 0 when the dump lacks it.
        status: MAAS's name for its status, such as ``Ready``.
        architecture: Its architecture, such as ``amd64``.
        subnets: The CIDR of each subnet that an interface is linked to, without host bits, and
            its gateway as the dump has it.
        disk: The size of its disks in MB (10^6 bytes); 0 when the dump lacks it.
        power_type: How MAAS switches it on, such as ``ipmi`` or ``manual``; empty when the dump
            lacks it.
        power_state: ``on``, ``off``, ``unknown`` or ``error``; empty when the dump lacks it.
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
    disk: int = 0
    power_type: str = ""
    power_state: str = ""


def read_machines(text: str, name: str) -> list[MaasMachine]:
    """Return the machines of a dump, in the order of the dump.

    Args:
        text: The content of the file.
        name: The name of the file in error messages.

    Raises:
        BotlabError: When the text is not a machine dump or exceeds a limit, or two machines have
            the same host name.
    """
    return machines_of_dump(_load(text, name), name)


def machines_of_dump(dump: object, name: str) -> list[MaasMachine]:
    """Return the machines of a dump that was read already.

    Args:
        dump: The value of the JSON text.
        name: The name of the file in error messages.

    Raises:
        BotlabError: When the value is not a machine dump, or two machines have the same host name.
    """
    if not isinstance(dump, list) or not dump:
        raise BotlabError(f"{name}: is not a list of machines; {_ADVICE}")
    machines = [
        _machine(fields, index, name) for index, fields in enumerate(cast("list[Any]", dump))
    ]
    counts = Counter(machine.name for machine in machines)
    duplicates = sorted(host for host, count in counts.items() if count > 1)
    if duplicates:
        raise BotlabError(
            f"{name}: more than one machine has the host name {', '.join(duplicates)}"
        )
    return machines


def _load(text: str, name: str) -> object:
    try:
        return load_json(text, name)
    except BotlabError as error:
        raise BotlabError(f"{error}; {_ADVICE}") from None


def _machine(fields: object, index: int, name: str) -> MaasMachine:
    machine = _mapping(fields)
    host = machine.get("hostname")
    if not isinstance(host, str) or not host:
        raise BotlabError(f"{name}: machine {index} has no hostname; {_ADVICE}")
    return MaasMachine(
        name=host,
        system_id=_text(machine.get("system_id")),
        tags=tuple(tag for tag in _list(machine.get("tag_names")) if isinstance(tag, str)),
        zone=_text(_mapping(machine.get("zone")).get("name")),
        addresses=tuple(_addresses(machine.get("ip_addresses"))),
        cores=_number(machine.get("cpu_count")),
        memory=_number(machine.get("memory")),
        status=_text(machine.get("status_name")),
        architecture=_text(machine.get("architecture")).partition("/")[0],
        subnets=tuple(_subnets(machine.get("interface_set"))),
        disk=_number(machine.get("storage")),
        power_type=_text(machine.get("power_type")),
        power_state=_text(machine.get("power_state")),
    )


def _text(field: object) -> str:
    return field if isinstance(field, str) else ""


def _number(field: object) -> int:
    return int(field) if isinstance(field, int | float) and 0 <= field < 2**53 else 0


def _list(field: object) -> list[Any]:
    return cast("list[Any]", field) if isinstance(field, list) else []


def _mapping(field: object) -> dict[str, Any]:
    return cast("dict[str, Any]", field) if isinstance(field, dict) else {}


def _addresses(field: object) -> Iterator[str]:
    for text in _list(field):
        try:
            address = ipaddress.ip_address(_text(text))
        except ValueError:
            continue
        # The zone of an IPv6 address ("%eth0") has a meaning only on the machine itself.
        is_local = address.is_link_local or address.is_loopback or "%" in str(address)
        if not is_local:
            yield str(address)


def _subnets(field: object) -> Iterator[tuple[str, str]]:
    for interface in _list(field):
        for link in _list(_mapping(interface).get("links")):
            subnet = _mapping(_mapping(link).get("subnet"))
            try:
                network = ipaddress.ip_network(_text(subnet.get("cidr")), strict=False)
            except ValueError:
                continue
            yield str(network), _text(subnet.get("gateway_ip"))
