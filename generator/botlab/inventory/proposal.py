"""Propose the machines and the network of a site from what MAAS knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import BotlabError
from ..findings import listed
from ..shell import command_line
from .dumps import MaasInventory
from .gpus import has_nvidia_gpu, is_unclear
from .lan import ProposedLan, propose_lan
from .machines import MaasMachine
from .networks import reservation
from .roles import ProfileRoles, RoleHolder, assign_roles, beside_cluster
from .selection import ARCHITECTURES, Filters, select
from .site_networks import SiteNetworks, propose_networks
from .unique_names import UniqueNames
from .unique_tags import UniqueTags

# What MAAS accepts as the name of a zone (its MODEL_NAME_VALIDATOR).
_ZONE = re.compile(r"\w([ \w-]*[\w-])?")
_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class ProposedMachine:
    """A machine of the proposed site.

    Attributes:
        name: Its name in the site.
        tag: The tag that selects exactly this machine.
        has_tag: Whether it has this tag in MAAS already.
        system_id: Its id in MAAS; empty when the dump lacks it.
        zone: Its zone.
        addresses: Its addresses.
        constraints: Its cores and memory. Juju requests at least these of MAAS, and the rules
            about the sizes of machines can check them.
        arch: Its architecture; empty for the site file's default, amd64.
        has_gpu: Whether it has NVIDIA GPUs.
        roles: Its roles.
        workers: The entry of ``workers`` that it belongs to, which has the name of an
            architecture; empty for none.
    """

    name: str
    tag: str
    has_tag: bool
    system_id: str
    zone: str
    addresses: tuple[str, ...]
    constraints: str
    arch: str
    has_gpu: bool
    roles: tuple[str, ...]
    workers: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The machines of a site and the network that they share.

    Attributes:
        machines: The machines.
        storage: The name of the machine for the storage.
        lan: Their network.
        networks: Their further networks.
        has_ranges: Whether the ranges of MAAS are known.
        notes: Remarks for the administrator.
        placements: The placements of an application that the roles of machines would place
            otherwise, by its name.
    """

    machines: tuple[ProposedMachine, ...]
    storage: str
    lan: ProposedLan
    networks: SiteNetworks
    has_ranges: bool
    notes: tuple[str, ...]
    placements: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


def propose(
    inventory: MaasInventory,
    roles: ProfileRoles,
    filters: Filters,
) -> Proposal:
    """Return the machines of a site.

    Args:
        inventory: What MAAS knows.
        roles: The roles of the profile.
        filters: Which machines the user selects.

    Raises:
        BotlabError: When no machine is usable, or a filter names something that MAAS lacks.
    """
    selection = select(inventory.machines, filters)
    if not selection.usable:
        reasons = "; ".join(selection.notes())
        raise BotlabError(f"{inventory.source}: no machine can be used: {reasons}")
    holders = _role_holders(selection.usable, inventory)
    storage, role_notes = assign_roles(holders, roles)
    if not roles.available:
        holders, role_notes = beside_cluster(holders, storage)
    machines = [holder.machine for holder in holders]
    lan = propose_lan(machines, inventory)
    tags = UniqueTags(inventory.machines)
    gpu_notes = _gpu_notes(machines, inventory) if roles.available else ()
    notes = [*selection.notes(), *_machine_notes(machines), *gpu_notes, *role_notes]
    return Proposal(
        machines=tuple(_machine(holder, tags) for holder in holders),
        storage=storage,
        lan=lan,
        networks=propose_networks(lan, machines, inventory),
        has_ranges=inventory.ranges is not None,
        notes=(*notes, *_lan_notes(lan, inventory.profile)),
        placements=_placements(holders, roles),
    )


def _role_holders(machines: Sequence[MaasMachine], inventory: MaasInventory) -> list[RoleHolder]:
    names = _site_names([machine.name for machine in machines])
    return [
        RoleHolder(name, machine, has_nvidia_gpu(machine, inventory.gpus))
        for name, machine in zip(names, machines, strict=True)
    ]


def _machine(holder: RoleHolder, tags: UniqueTags) -> ProposedMachine:
    machine = holder.machine
    tag, has_tag = tags.tag_of(machine)
    return ProposedMachine(
        name=holder.name,
        tag=tag,
        has_tag=has_tag,
        system_id=machine.system_id,
        zone=machine.zone if _ZONE.fullmatch(machine.zone) else "",
        addresses=machine.addresses,
        constraints=_constraints(machine),
        arch="" if machine.architecture == ARCHITECTURES[0] else machine.architecture,
        has_gpu=holder.has_gpu,
        roles=tuple(holder.roles),
        workers=holder.workers,
    )


def _placements(
    holders: Sequence[RoleHolder], profile: ProfileRoles
) -> Mapping[str, Sequence[str]]:
    """Return the placements of control planes if one shares its machine with a worker.

    In a container, its files are not those of the worker (BL022).
    """
    controls = [holder for holder in holders if "control-plane" in holder.roles]
    shared = [holder for holder in controls if "worker" in holder.roles]
    if not profile.contained or not shared:
        return {}
    return {
        profile.contained: [
            f"lxd:{holder.name}" if holder in shared else holder.name for holder in controls
        ]
    }


def _site_name(host: str) -> str:
    """Return a host name as a machine name of the site file: lower-case, with a letter."""
    name = re.sub(r"[^a-z0-9-]", "-", host.lower()).strip("-")[:60].strip("-")
    return name if re.search(r"[a-z]", name) else f"m{name}"


def _site_names(hosts: Sequence[str]) -> list[str]:
    """Return a different machine name for each host. A host name that is valid stays."""
    cleaned = [_site_name(host) for host in hosts]
    valid = {host for host, name in zip(hosts, cleaned, strict=True) if host == name}
    names = UniqueNames(valid, _LONGEST_NAME)
    return [
        host if host in valid else names.add(name)
        for host, name in zip(hosts, cleaned, strict=True)
    ]


def _constraints(machine: MaasMachine) -> str:
    gib, rest = divmod(machine.memory, 1024)
    memory = f"{machine.memory}M" if rest else f"{gib}G"
    parts = [
        f"cores={machine.cores}" if machine.cores else "",
        f"mem={memory}" if machine.memory else "",
    ]
    return " ".join(part for part in parts if part)


def _machine_notes(machines: Sequence[MaasMachine]) -> Iterator[str]:
    for machine in machines:
        if machine.zone and not _ZONE.fullmatch(machine.zone):
            yield (
                f"the zone of {machine.name} is left out, because {machine.zone!r} is not a name"
                " of a zone"
            )
    pools = sorted({machine.pool for machine in machines if machine.pool})
    if len(pools) > 1:
        yield f"the machines are in the pools {', '.join(pools)}; select with --pool"


def _gpu_notes(machines: Sequence[MaasMachine], inventory: MaasInventory) -> Iterator[str]:
    read = command_line("maas", inventory.profile, "node-devices", "read", "SYSTEM_ID")
    advice = f"add the output of `{read}` (MAAS 3.0 and later) with --maas FILE"
    unclear = [machine.name for machine in machines if is_unclear(machine, inventory.gpus)]
    if unclear:
        yield (
            f"the tags of {listed(unclear)} do not say whether the GPU is of NVIDIA;"
            f" {advice}, or write gpu: true"
        )
    elif not any(has_nvidia_gpu(machine, inventory.gpus) for machine in machines):
        is_certain = all(machine.system_id in inventory.gpus for machine in machines)
        yield (
            "no machine has an NVIDIA GPU"
            if is_certain
            else f"no machine has a tag for NVIDIA GPUs; {advice}, or write gpu: true"
        )


def _lan_notes(lan: ProposedLan, profile: str) -> Iterator[str]:
    subnet = lan.subnet
    if subnet is None:
        yield (
            "MAAS shows no subnet of the machines, so the network and the address pool are"
            " missing; write them into the site file"
        )
        return
    if subnet.gateway and not subnet.gateway_is_inside:
        yield (
            f"the gateway of {subnet.cidr} is left out, because {subnet.gateway!r} is not an"
            " address in it"
        )
    if lan.outside:
        yield (
            f"{listed(lan.outside)} {'has' if len(lan.outside) == 1 else 'have'} no"
            f" interface in {subnet.cidr}, so services of the address pool may not reach"
            f" {'it' if len(lan.outside) == 1 else 'them'}"
        )
    if lan.must_reserve and lan.pool:
        yield f"reserve the address pool in MAAS: {reservation(profile, lan.pool)}"
