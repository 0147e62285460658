"""A proposal as the machines and networks of a starter site file."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator

from ..site.starter import Start
from .propose import Proposal, Proposed


def start_of(proposal: Proposal) -> Start:
    """Return what the starter is filled with."""
    first = next((one.name for one in proposal.machines if "easyrsa" in one.roles), "")
    block = "".join(f"{line}\n" for line in _machine_lines(proposal))
    if not proposal.lan:
        return Start(machines=block, server=first, todo=_NO_LAN)
    return Start(
        machines=block,
        server=first,
        cidr=proposal.lan,
        gateway=proposal.gateway,
        dhcp="",
        pool=_pool(proposal.lan),
        todo="The address pools are a proposal: check that nobody else uses these addresses.",
    )


_NO_LAN = "MAAS tells of no subnet: the networks below are an example, put in yours."


def _machine_lines(proposal: Proposal) -> Iterator[str]:
    for note in proposal.notes:
        yield f"  # Note: {note}."
    for machine in proposal.machines:
        yield from _lines(machine)


def _lines(machine: Proposed) -> Iterator[str]:
    yield f"  {json.dumps(machine.name)}:" + (f"  # {machine.facts}" if machine.facts else "")
    if machine.commands:
        yield "    # TODO: no tag of it is its own; make one in MAAS:"
        yield from (f"    #   {command}" for command in machine.commands)
    yield f"    tags: [{json.dumps(machine.tag)}]"
    if machine.constraints:
        yield f"    constraints: {machine.constraints}"
    if machine.zone:
        yield f"    zone: {json.dumps(machine.zone)}"
    if machine.roles:
        yield f"    roles: [{', '.join(machine.roles)}]"
    if machine.gpu:
        yield "    gpu: true"
    if machine.addresses:
        yield f"    addresses: [{', '.join(json.dumps(one) for one in machine.addresses)}]"


def _pool(cidr: str) -> str:
    """Return ten addresses near the end of a network (.240 to .250 of a /24)."""
    network = ipaddress.ip_network(cidr, strict=False)
    last = int(network.broadcast_address)
    span = min(15, network.num_addresses - 2)
    kind = type(network.network_address)
    return f"{kind(last - span)}-{kind(max(last - 5, last - span))}"
