"""Write a proposal as the machines and networks of a starter site file."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ..site.starter import StarterValues
from ..visible_text import visible
from ..yaml_text import yaml_lines
from .proposal import Proposal, ProposedMachine

_NO_SUBNET = "MAAS shows no subnet of the machines. Replace the example networks below with yours."
_PROPOSED_POOL = "The address pool is a proposal. Check that nothing else uses its addresses."


def starter_values(proposal: Proposal) -> StarterValues:
    """Return the values of a starter file for a proposal."""
    server = next(
        (machine.name for machine in proposal.machines if "easyrsa" in machine.roles), ""
    )
    machines = "".join(f"{line}\n" for line in _machine_lines(proposal))
    if not proposal.lan:
        return StarterValues(machines=machines, server=server, todo=_NO_SUBNET)
    return StarterValues(
        machines=machines,
        server=server,
        cidr=proposal.lan,
        gateway=proposal.gateway,
        dhcp="",
        pool=_pool(proposal.lan),
        todo=_PROPOSED_POOL,
    )


def _machine_lines(proposal: Proposal) -> Iterator[str]:
    for note in proposal.notes:
        yield f"  # Note: {visible(note)}."
    for machine in proposal.machines:
        yield from _lines(machine)


def _lines(machine: ProposedMachine) -> Iterator[str]:
    comment = f"  # {visible(machine.comment)}" if machine.comment else ""
    name, *lines = yaml_lines({machine.name: _entries(machine)}, "  ")
    yield f"{name}{comment}"
    if machine.commands:
        yield "    # TODO: this machine has no tag of its own. Create one in MAAS:"
        yield from (f"    #   {command}" for command in machine.commands)
    yield from lines


def _entries(machine: ProposedMachine) -> dict[str, object]:
    """Return the keys of a machine that have values."""
    entries = {
        "tags": [machine.tag],
        "arch": machine.arch,
        "constraints": machine.constraints,
        "zone": machine.zone,
        "roles": machine.roles,
        "gpu": machine.has_gpu,
        "addresses": list(machine.addresses),
    }
    return {key: value for key, value in entries.items() if value}


def _pool(cidr: str) -> str:
    """Return a range of ten addresses near the end of a network (.240 to .250 of a /24)."""
    network = ipaddress.ip_network(cidr)
    last = int(network.broadcast_address)
    distance = max(0, min(15, network.num_addresses - 2))
    address = type(network.network_address)
    return f"{address(last - distance)}-{address(max(last - 5, last - distance))}"
