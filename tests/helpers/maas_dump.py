"""Machines as `maas PROFILE machines read` prints them."""

from __future__ import annotations

from typing import Any

from botlab.inventory.machines import MaasMachine


def maas_machine(name: str, *tags: str, **fields: Any) -> dict[str, Any]:
    """Return a machine of a MAAS dump.

    Args:
        name: Its host name. A digit at the end becomes part of its id and address.
        tags: Its tags.
        fields: Further fields, which override the usual ones.
    """
    number = int(name[-1]) if name[-1].isdigit() else 0
    subnet = {"cidr": "10.5.0.0/24", "gateway_ip": "10.5.0.1"}
    return {
        "hostname": name,
        "system_id": f"id{number}",
        "tag_names": list(tags),
        "zone": {"name": "default"},
        "ip_addresses": [f"10.5.0.{number + 10}", "fe80::1"],
        "cpu_count": 16,
        "memory": 65536,
        "status_name": "Ready",
        "architecture": "amd64/generic",
        "interface_set": [{"links": [{"subnet": subnet}]}],
        **fields,
    }


def maas_host(**fields: Any) -> MaasMachine:
    """Return a machine of MAAS as it was read from a dump.

    Args:
        fields: Fields, which override the usual ones.
    """
    values: dict[str, Any] = {
        "name": "node1",
        "system_id": "id1",
        "tags": ("gpu0", "fast"),
        "zone": "rack1",
        "addresses": (),
        "cores": 16,
        "memory": 65536,
        "status": "Ready",
        "architecture": "amd64",
        "subnets": (),
        **fields,
    }
    return MaasMachine(**values)
