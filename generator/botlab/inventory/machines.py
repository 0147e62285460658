"""The machines that ``maas PROFILE machines read`` prints.

Fields (MAAS API 2.0, ``GET /api/2.0/machines/``; in MAAS's source
``src/maasserver/api/machines.py`` DISPLAYED_MACHINE_FIELDS, compared at 2.4, 2.9, 3.2, 3.4 and
3.6). All but hostname are optional here:

- hostname, system_id, tag_names, status_name, node_type_name, power_type, power_state and locked.
- zone.name and pool.name.
- cpu_count, memory in MiB, and storage in MB (10^6 bytes), of all physical disks.
- architecture: ``amd64/generic``.
- ip_addresses: the configured addresses, or else those that were discovered.
- interface_set, with the subnet and ip_address of each link, and the ip_address of each entry of
  discovered (``interfaces.py``, ``models/interface.py`` get_links and get_discovered). A bond or a
  bridge is an interface of its own: it has the links, and its parents have none. A link without an
  address has the mode ``auto`` or ``dhcp``; one without a subnet has the mode ``link_up``.
- boot_interface: as an entry of interface_set.
- owner_data: what Juju notes about its machines (juju/juju provider/maas ``tagInstance``). MAAS
  removes it when the machine is released.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import FileError
from ..findings import listed
from ..json_values import list_of, mapping_of
from .fields import (
    JsonObject,
    address_of,
    name_of,
    number_of,
    objects_of,
    text_of,
)
from .networks import MaasSubnet, subnet_of

ADVICE = "use the output of `maas PROFILE machines read`"
# The keys of owner_data (juju/juju environs/tags).
_CONTROLLER, _MODEL = "juju-is-controller", "juju-model-uuid"


@dataclass(frozen=True, slots=True)
class MaasMachine:
    """A machine of MAAS.

    Attributes:
        name: Host name.
        system_id: The machine's id in MAAS; empty when the dump lacks it.
        tags: Names of its tags.
        zone: Name of its zone.
        addresses: Its addresses, without link-local and loopback ones, and without those that it
            only had while MAAS examined it.
        cores: Number of CPU cores; 0 when the dump lacks it.
        memory: Memory in MiB; 0 when the dump lacks it.
        status: MAAS's name for its status, such as ``Ready``.
        architecture: Its architecture, such as ``amd64``.
        subnets: The subnets that its interfaces are linked to, each once.
        disk: The size of its disks in MB (10^6 bytes); 0 when the dump lacks it.
        power_type: How MAAS switches it on, such as ``ipmi`` or ``manual``; empty when the dump
            lacks it.
        power_state: ``on``, ``off``, ``unknown`` or ``error``; empty when the dump lacks it.
        pool: Name of its resource pool.
        kind: What MAAS calls the node, such as ``Machine`` or ``Device``; empty when unknown.
        is_locked: Whether MAAS refuses to release it.
        is_controller: Whether it carries a Juju controller.
        model: The id of the Juju model that deployed it; empty for none.
        boot_subnets: The networks of its boot interface, as text.
        vlan_ids: MAAS's ids of the VLANs of its interfaces.
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
    subnets: tuple[MaasSubnet, ...]
    disk: int = 0
    power_type: str = ""
    power_state: str = ""
    pool: str = ""
    kind: str = ""
    is_locked: bool = False
    is_controller: bool = False
    model: str = ""
    boot_subnets: frozenset[str] = field(default=frozenset())
    vlan_ids: frozenset[int] = field(default=frozenset())


def machines_of_dump(dump: object, name: str) -> list[MaasMachine]:
    """Return the machines of a dump that was read already.

    Args:
        dump: The value of the JSON text.
        name: The name of the file in error messages.

    Raises:
        BotlabError: When the value is not a machine dump, or two machines have the same host name.
    """
    entries = list_of(dump)
    if not entries:
        raise FileError(name, f"is not a list of machines; {ADVICE}")
    machines = [_machine(fields, index, name) for index, fields in enumerate(entries)]
    refuse_duplicates(machines, name)
    return machines


def refuse_duplicates(machines: list[MaasMachine], name: str) -> None:
    """Refuse machines that have the same host name.

    Raises:
        BotlabError: When two machines have the same host name.
    """
    counts = Counter(machine.name for machine in machines)
    duplicates = sorted(host for host, count in counts.items() if count > 1)
    if duplicates:
        raise FileError(
            name,
            f"more than one machine has the host name {listed(duplicates)}; rename them"
            " in MAAS, or leave out the second list",
        )


def _machine(entry: object, index: int, name: str) -> MaasMachine:
    fields = mapping_of(entry)
    host = text_of(fields.get("hostname"))
    if not host:
        raise FileError(name, f"machine {index} has no hostname; {ADVICE}")
    interfaces = objects_of(fields.get("interface_set"))
    owner_data = mapping_of(fields.get("owner_data"))
    return MaasMachine(
        name=host,
        system_id=text_of(fields.get("system_id")),
        tags=tuple(tag for tag in list_of(fields.get("tag_names")) if isinstance(tag, str)),
        zone=name_of(fields.get("zone")),
        addresses=tuple(_addresses(fields.get("ip_addresses"), interfaces)),
        cores=number_of(fields.get("cpu_count")),
        memory=number_of(fields.get("memory")),
        status=text_of(fields.get("status_name")),
        architecture=text_of(fields.get("architecture")).partition("/")[0],
        subnets=tuple(dict.fromkeys(_subnets(interfaces))),
        disk=number_of(fields.get("storage")),
        power_type=text_of(fields.get("power_type")),
        power_state=text_of(fields.get("power_state")),
        pool=name_of(fields.get("pool")),
        kind=text_of(fields.get("node_type_name")),
        is_locked=fields.get("locked") is True,
        is_controller=owner_data.get(_CONTROLLER) == "true",
        model=text_of(owner_data.get(_MODEL)),
        boot_subnets=frozenset(
            subnet.cidr for subnet in _subnets([mapping_of(fields.get("boot_interface"))])
        ),
        vlan_ids=frozenset(_vlan_ids(interfaces)),
    )


def _addresses(field: object, interfaces: list[JsonObject]) -> Iterator[str]:
    """Yield the addresses that the machine keeps: not those that MAAS discovered only."""
    linked = {text_of(link.get("ip_address")) for link in _links(interfaces)}
    passing = {
        text_of(entry.get("ip_address"))
        for interface in interfaces
        for entry in objects_of(interface.get("discovered"))
    } - linked
    for text in list_of(field):
        address = address_of(text)
        if address and text not in passing and not (address.is_link_local or address.is_loopback):
            yield str(address)


def _links(interfaces: list[JsonObject]) -> Iterator[JsonObject]:
    for interface in interfaces:
        yield from objects_of(interface.get("links"))


def _subnets(interfaces: list[JsonObject]) -> Iterator[MaasSubnet]:
    for link in _links(interfaces):
        subnet = subnet_of(mapping_of(link.get("subnet")))
        if subnet is not None:
            yield subnet


def _vlan_ids(interfaces: list[JsonObject]) -> Iterator[int]:
    for interface in interfaces:
        vlan_id = number_of(mapping_of(interface.get("vlan")).get("id"))
        if vlan_id:
            yield vlan_id
