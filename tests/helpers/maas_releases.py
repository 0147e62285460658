"""Whole answers of the releases of MAAS, with all fields that each of them prints.

The fields are those of MAAS's source at the branches 2.4, 2.9, 3.2, 3.4 and 3.6
(``src/maasserver/api``: DISPLAYED_MACHINE_FIELDS, DISPLAYED_INTERFACE_FIELDS,
DISPLAYED_SUBNET_FIELDS, DISPLAYED_VLAN_FIELDS and DISPLAYED_IPRANGE_FIELDS, and the examples in
``api/examples``).
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

RELEASES = ("2.4", "2.9", "3.2", "3.4", "3.6")
Fields = dict[str, Any]
# The commands of each release, and the actions that are possible in each state.
RECORD: Fields = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
STATES = list(RECORD["3.6"]["actions"])
# What a release added to a machine, besides the fields of the releases before it.
_ADDED_TO_MACHINES: dict[str, Fields] = {
    "2.4": {},
    "2.9": {
        "description": "",
        "hardware_uuid": "8f8ac5b0-0000-4000-8000-000000000000",
        "bios_boot_method": "uefi",
        "network_test_status": 2,
        "network_test_status_name": "Passed",
        "interface_test_status": 2,
        "interface_test_status_name": "Passed",
        "numanode_set": [{"index": 0, "memory": 65536, "cores": [0, 1], "hugepages_set": []}],
        "virtualmachine_id": None,
    },
    "3.2": {
        "workload_annotations": {},
        "last_sync": None,
        "sync_interval": None,
        "next_sync": None,
    },
    "3.4": {"ephemeral_deploy": False, "parent": None, "enable_hw_sync": False},
    "3.6": {"error_description": "", "enable_kernel_crash_dump": False},
}
_ADDED_TO_SUBNETS: dict[str, Fields] = {
    "2.9": {"description": "", "allow_dns": True},
    "3.2": {"disabled_boot_architectures": []},
}
_ADDED_TO_INTERFACES: dict[str, Fields] = {
    "2.9": {
        "link_connected": True,
        "interface_speed": 10000,
        "link_speed": 10000,
        "numa_node": 0,
        "sriov_max_vf": 0,
    },
}


def _until(release: str, added: dict[str, Fields]) -> Fields:
    """Return the fields that a release and those before it added."""
    fields: Fields = {}
    for name in RELEASES[: RELEASES.index(release) + 1]:
        fields.update(added.get(name, {}))
    return fields


def subnet(release: str, cidr: str = "10.5.0.0/24", **fields: Any) -> Fields:
    """Return a subnet as ``subnets read`` and the links of a machine show it.

    Args:
        release: The release of MAAS.
        cidr: Its network. The second number becomes the id of its VLAN.
        fields: Further fields; ``vid``, ``dhcp_on`` and ``fabric`` are those of its VLAN.
    """
    number = int(cidr.split(".")[1]) if "." in cidr else 6
    gateway = f"{cidr.rpartition('.')[0]}.1" if "." in cidr else None
    vlan = {
        "id": 5000 + number, "name": "untagged", "vid": fields.pop("vid", 0),
        "fabric": fields.pop("fabric", "fabric-0"), "fabric_id": 0, "mtu": 1500,
        "primary_rack": "7xtf67", "secondary_rack": None, "dhcp_on": fields.pop("dhcp_on", True),
        "external_dhcp": None, "relay_vlan": None, "space": fields.get("space", "undefined"),
        "resource_uri": f"/MAAS/api/2.0/vlans/{5000 + number}/",
    }  # fmt: skip
    return {
        "id": number, "name": cidr, "vlan": vlan, "space": "undefined", "cidr": cidr,
        "gateway_ip": gateway, "dns_servers": [], "rdns_mode": 2, "active_discovery": False,
        "allow_proxy": True, "managed": True, **_until(release, _ADDED_TO_SUBNETS), **fields,
        "resource_uri": f"/MAAS/api/2.0/subnets/{number}/",
    }  # fmt: skip


def interface(
    release: str, name: str, links: list[Fields], kind: str = "physical", **fields: Any
) -> Fields:
    """Return an interface of a machine.

    Args:
        release: The release of MAAS.
        name: Its name.
        links: Its links, see :func:`link`.
        kind: ``physical``, ``bond``, ``bridge`` or ``vlan``.
        fields: Further fields, such as ``parents``.
    """
    vlan = links[0]["subnet"]["vlan"] if links and "subnet" in links[0] else None
    return {
        "system_id": "abc123", "id": 37, "name": name, "type": kind, "vlan": vlan,
        "mac_address": "cb:93:ac:d1:ed:65", "parents": [], "children": [], "tags": [],
        "enabled": True, "links": links, "params": "", "discovered": None, "effective_mtu": 1500,
        "vendor": None, "product": None, "firmware_version": None,
        **_until(release, _ADDED_TO_INTERFACES), **fields,
        "resource_uri": "/MAAS/api/2.0/nodes/abc123/interfaces/37/",
    }  # fmt: skip


def link(subnet_fields: Fields | None, address: str = "", mode: str = "auto") -> Fields:
    """Return a link of an interface. One without an address gets it at the deployment."""
    parts: Fields = {"id": 14, "mode": mode}
    if address:
        parts["ip_address"] = address
    if subnet_fields is not None:
        parts["subnet"] = subnet_fields
    return parts


def machine(release: str, name: str, *tags: str, **fields: Any) -> Fields:
    """Return a machine without an address whose only interface is linked to 10.5.0.0/24.

    Args:
        release: The release of MAAS.
        name: Its host name.
        tags: Its tags.
        fields: Further fields. ``pool`` and ``zone`` are names.
    """
    pool, zone = fields.pop("pool", "default"), fields.pop("zone", "default")
    interfaces = fields.pop("interface_set", [interface(release, "eth0", [link(subnet(release))])])
    names = ("commissioning", "testing", "cpu_test", "memory_test", "storage_test", "other_test")
    tests = {f"{test}_status": 2 for test in names} | {
        f"{test}_status_name": "Passed" for test in names
    }
    disk: Fields = {
        "id": 1,
        "name": "sda",
        "type": "physical",
        "size": 480103981056,
        "partitions": [],
    }
    return {
        "system_id": f"{zlib.crc32(name.encode()):x}",
        "hostname": name, "domain": {"name": "maas", "id": 0}, "fqdn": f"{name}.maas",
        "owner": None, "owner_data": {}, "locked": False, "cache_sets": [], "bcaches": [],
        "boot_interface": interfaces[0] if interfaces else None,
        "architecture": "amd64/generic", "min_hwe_kernel": "", "hwe_kernel": None,
        "cpu_count": 16, "cpu_speed": 2400, "memory": 65536, "swap_size": None,
        "storage": 480103.981056, "status": 4, "osystem": "", "distro_series": "",
        "netboot": True, "power_type": "ipmi", "power_state": "off", "tag_names": list(tags),
        "address_ttl": None, "ip_addresses": [], "interface_set": interfaces,
        "zone": {"name": zone, "description": "", "id": 1},
        "pool": {"name": pool, "description": "", "id": 0},
        "disable_ipv4": False, "constraints_by_type": {}, "boot_disk": disk,
        "blockdevice_set": [disk], "physicalblockdevice_set": [disk],
        "virtualblockdevice_set": [], "volume_groups": [], "raids": [], "status_action": "",
        "status_message": "Ready", "status_name": "Ready", "node_type": 0,
        "node_type_name": "Machine", "special_filesystems": [], "pod": None,
        "default_gateways": {"ipv4": {"gateway_ip": None, "link_id": None}},
        "current_commissioning_result_id": 1, "current_testing_result_id": 2,
        "current_installation_result_id": None, "hardware_info": {"system_vendor": "Unknown"},
        **tests, **_until(release, _ADDED_TO_MACHINES), **fields,
        "resource_uri": "/MAAS/api/2.0/machines/abc123/",
    }  # fmt: skip


def ip_range(release: str, kind: str, first: str, last: str, comment: str = "") -> Fields:
    """Return a range as ``ipranges read`` shows it."""
    return {
        "id": 1, "type": kind, "start_ip": first, "end_ip": last, "comment": comment,
        "user": {"username": "admin"}, "subnet": subnet(release),
        "resource_uri": "/MAAS/api/2.0/ipranges/1/",
    }  # fmt: skip


def device(system_id: str, vendor_id: str, kind: str = "GPU") -> Fields:
    """Return a PCI device as ``node-devices read`` shows it (MAAS 3.0 and later)."""
    return {
        "id": 1, "bus": 1, "bus_name": "PCIE", "hardware_type": 5, "hardware_type_name": kind,
        "system_id": system_id, "numa_node": 0, "physical_blockdevice": None,
        "physical_interface": None, "vendor_id": vendor_id, "product_id": "1db6",
        "vendor_name": "", "product_name": "", "commissioning_driver": "", "bus_number": 59,
        "device_number": 0, "pci_address": "0000:3b:00.0",
    }  # fmt: skip


def two_racks(release: str) -> list[Fields]:
    """Return forty machines in two racks: in each two small ones, a store, and GPU machines."""
    machines: list[Fields] = []
    for rack in ("rack-a", "rack-b"):
        machines += [
            machine(release, f"{rack}-node{n}", zone=rack, cpu_count=8, memory=16384)
            for n in range(2)
        ]
        machines += [
            machine(release, f"{rack}-gpu{n:02}", "nvidia-a100", zone=rack, cpu_count=128)
            for n in range(17)
        ]
    store = machine(release, "rack-a-store", zone="rack-a", storage=96_000_000.0)
    spare = machine(release, "rack-b-store", zone="rack-b", storage=48_000_000.0)
    return [*machines, store, spare]


def answer(entries: list[Fields], *, on_terminal: bool = False) -> str:
    """Return the output of the maas command, as a file or as a terminal shows it."""
    header = "Success.\nMachine-readable output follows:\n" if on_terminal else ""
    return f"{header}{json.dumps(entries, indent=4)}\n"
