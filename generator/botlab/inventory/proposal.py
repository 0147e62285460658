"""Propose the machines of a site from a MAAS dump: tags, roles, GPUs, addresses and zones."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..shell import command_line
from .maas import MaasMachine
from .unique_names import UniqueNames

# The roles of common tags: the names of our roles, and the names of their applications.
_ROLE_TAGS = {
    "easyrsa": "easyrsa",
    "etcd": "etcd",
    "load-balancer": "load-balancer",
    "loadbalancer": "load-balancer",
    "kubeapi-load-balancer": "load-balancer",
    "control-plane": "control-plane",
    "controlplane": "control-plane",
    "kubernetes-control-plane": "control-plane",
    "kubernetes-master": "control-plane",
    "master": "control-plane",
    "worker": "worker",
    "kubernetes-worker": "worker",
}
_ROLES = ("easyrsa", "etcd", "load-balancer", "control-plane", "worker")
_GPU_TAG = re.compile(r"(gpus?|nvidia|cuda|tesla|geforce|quadro)([-_0-9].*)?", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z0-9_-]+")
# What MAAS accepts as the name of a zone (its MODEL_NAME_VALIDATOR).
_ZONE = re.compile(r"\w([ \w-]*[\w-])?")
_LONGEST_NAME = 63
_LONGEST_TAG = 256
# The beginnings of MAAS's status names for machines that cannot be deployed.
_UNUSABLE = ("Broken", "Missing", "Retired", "Failed", "Rescue", "Entering rescue", "Exiting")
# The beginnings of the status names for machines that are in use.
_IN_USE = ("Deployed", "Deploying", "Allocated", "Reserved")
_ETCD_UNITS = 3
# The architectures that this project's charms are packed for; the site file's default first.
_ARCHITECTURES = ("amd64", "arm64")


@dataclass(slots=True)
class ProposedMachine:
    """A machine of the proposed site.

    Attributes:
        name: Its name in the site.
        tag: The tag that selects exactly this machine.
        zone: Its zone.
        arch: Its architecture; empty for the site file's default, amd64.
        addresses: Its addresses.
        constraints: Its cores and memory. Juju requests at least these of MAAS, and the rules
            about the sizes of machines can check them.
        comment: Its status and id in MAAS.
        has_gpu: Whether one of its tags names a GPU.
        roles: Its roles.
        commands: The commands that create the tag in MAAS; empty when the tag exists.
    """

    name: str
    tag: str
    zone: str
    addresses: tuple[str, ...]
    constraints: str
    comment: str
    arch: str = ""
    has_gpu: bool = False
    roles: list[str] = field(default_factory=list[str])
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The machines of a site and the network that they share.

    Attributes:
        machines: The machines.
        lan: The CIDR of the network; empty when it is not known.
        gateway: The gateway of the network; empty when it is not known.
        notes: Remarks for the administrator.
    """

    machines: tuple[ProposedMachine, ...]
    lan: str
    gateway: str
    notes: tuple[str, ...]


def propose(machines: Sequence[MaasMachine]) -> Proposal:
    """Return the machines of a site.

    GPUs and roles come from tags. Where no machine has the tag of a role, roles are assigned as in
    the lab of the botlab guide of 2019, and a note says so.
    """
    notes: list[str] = []
    usable = [machine for machine in machines if _is_usable(machine, notes)]
    tag_counts = Counter(tag for machine in machines for tag in set(machine.tags))
    tags = UniqueNames(tag_counts, _LONGEST_TAG)
    names = _site_names([machine.name for machine in usable])
    proposed = [
        _propose_machine(machine, name, tag_counts, tags)
        for machine, name in zip(usable, names, strict=True)
    ]
    notes += [
        f"the zone of {machine.name} is left out, because {machine.zone!r} is not a name of a zone"
        for machine in usable
        if machine.zone and not _ZONE.fullmatch(machine.zone)
    ]
    notes += [
        f"{machine.name} is {machine.status} in MAAS; release it there, so that Juju can use it"
        for machine in usable
        if machine.status.startswith(_IN_USE)
    ]
    if any(machine.roles for machine in proposed):
        _complete_roles(proposed, notes)
    elif proposed:
        _assign_roles(proposed)
        notes.append("no machine has the tag of a role, so the roles below are a proposal")
    lan, gateway = _lan(usable)
    if gateway and not _is_gateway(gateway, lan):
        notes.append(
            f"the gateway of {lan} is left out, because {gateway!r} is not an address in it"
        )
        gateway = ""
    return Proposal(tuple(proposed), lan, gateway, tuple(notes))


def _is_usable(machine: MaasMachine, notes: list[str]) -> bool:
    if machine.status.startswith(_UNUSABLE):
        notes.append(f"{machine.name} is left out, because it is {machine.status} in MAAS")
        return False
    if machine.architecture not in ("", *_ARCHITECTURES):
        notes.append(
            f"{machine.name} is left out, because it is {machine.architecture} and the charms are"
            f" for {' and '.join(_ARCHITECTURES)}"
        )
        return False
    return True


def _propose_machine(
    machine: MaasMachine, name: str, tag_counts: Counter[str], tags: UniqueNames
) -> ProposedMachine:
    tag, commands = _unique_tag(machine, tag_counts, tags)
    return ProposedMachine(
        name=name,
        tag=tag,
        zone=machine.zone if _ZONE.fullmatch(machine.zone) else "",
        addresses=machine.addresses,
        constraints=_constraints(machine),
        arch="" if machine.architecture == _ARCHITECTURES[0] else machine.architecture,
        comment=_comment(machine),
        has_gpu=any(_GPU_TAG.fullmatch(gpu_tag) for gpu_tag in machine.tags),
        roles=_tagged_roles(machine.tags),
        commands=commands,
    )


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


def _unique_tag(
    machine: MaasMachine, tag_counts: Counter[str], tags: UniqueNames
) -> tuple[str, tuple[str, ...]]:
    """Return a tag that only this machine has, and the commands that create it.

    Args:
        machine: The machine.
        tag_counts: The number of machines with each tag.
        tags: The existing tags. A new tag is added.
    """
    unique = [tag for tag in machine.tags if tag_counts[tag] == 1 and _TAG.fullmatch(tag)]
    unique.sort(key=lambda tag: (tag != machine.name, _normalize(tag) in _ROLE_TAGS, tag))
    if unique:
        return unique[0], ()
    tag = re.sub(r"[^A-Za-z0-9_-]", "-", machine.name[:_LONGEST_NAME]).strip("-") or "machine"
    tag = tags.add(f"{tag}-pin" if tag in tags else tag)
    node = machine.system_id or "SYSTEM_ID"
    return tag, (
        command_line("maas", "PROFILE", "tags", "create", f"name={tag}"),
        command_line("maas", "PROFILE", "tag", "update-nodes", tag, f"add={node}"),
    )


def _constraints(machine: MaasMachine) -> str:
    gib, rest = divmod(machine.memory, 1024)
    memory = f"{machine.memory}M" if rest else f"{gib}G"
    parts = [
        f"cores={machine.cores}" if machine.cores else "",
        f"mem={memory}" if machine.memory else "",
    ]
    return " ".join(part for part in parts if part)


def _comment(machine: MaasMachine) -> str:
    parts = [
        machine.status,
        f"MAAS id {machine.system_id}" if machine.system_id else "",
    ]
    return ", ".join(part for part in parts if part)


def _normalize(tag: str) -> str:
    return tag.lower().replace("_", "-")


def _tagged_roles(tags: Iterable[str]) -> list[str]:
    tagged = {_ROLE_TAGS.get(_normalize(tag)) for tag in tags}
    return [role for role in _ROLES if role in tagged]


def _complete_roles(machines: list[ProposedMachine], notes: list[str]) -> None:
    """Assign the roles that every cluster needs and no tag names."""
    for machine in machines:
        if machine.has_gpu and not machine.roles:
            machine.roles = ["worker"]
    control_planes = (machine for machine in machines if "control-plane" in machine.roles)
    host = next(control_planes, machines[0])
    for role in ("control-plane", "etcd", "easyrsa", "worker"):
        if not any(role in machine.roles for machine in machines):
            host.roles = [name for name in _ROLES if name in {*host.roles, role}]
            notes.append(
                f"no machine has a tag of the role {role}, which is proposed for {host.name}"
            )


def _assign_roles(machines: list[ProposedMachine]) -> None:
    """Assign roles as in the guide: services to machines without GPUs first, workers to others."""
    ordered = sorted(machines, key=lambda machine: machine.has_gpu)
    first = ordered[0]
    is_cluster = len(machines) > 1
    second_control_plane = [
        machine for machine in ordered[_ETCD_UNITS:][:1] if not machine.has_gpu
    ]
    role_machines = {
        "easyrsa": [first],
        "etcd": ordered[: _ETCD_UNITS if len(ordered) >= _ETCD_UNITS else 1],
        "load-balancer": [first] if is_cluster else [],
        "control-plane": [first, *second_control_plane],
        "worker": [machine for machine in machines if machine is not first or not is_cluster],
    }
    for role in _ROLES:
        for machine in role_machines[role]:
            machine.roles.append(role)


def _lan(machines: Sequence[MaasMachine]) -> tuple[str, str]:
    """Return the CIDR and gateway of the subnet in which most machines have an address."""
    counts: Counter[tuple[str, str]] = Counter()
    for machine in machines:
        networks = _networks_in_use(machine)
        for cidr, gateway in sorted(set(machine.subnets)):
            if cidr in networks:
                counts[cidr, gateway] += 1
    ranked = sorted(counts, key=lambda subnet: (-counts[subnet], subnet))
    return ranked[0] if ranked else ("", "")


def _networks_in_use(machine: MaasMachine) -> set[str]:
    """Return the subnets in which a machine has an address.

    The time grows with the number of subnets and of addresses, and not with their product.
    """
    networks = {cidr: ipaddress.ip_network(cidr) for cidr, _ in machine.subnets}
    lengths = {(network.version, network.prefixlen) for network in networks.values()}
    addresses = [ipaddress.ip_address(address) for address in machine.addresses]
    covered = {
        (version, length, int(address) >> (address.max_prefixlen - length))
        for address in addresses
        for version, length in lengths
        if version == address.version
    }
    return {cidr for cidr, network in networks.items() if _network_key(network) in covered}


def _network_key(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> tuple[int, int, int]:
    prefix = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
    return network.version, network.prefixlen, prefix


def _is_gateway(gateway: str, lan: str) -> bool:
    """Return whether a text is an address in a network."""
    try:
        return ipaddress.ip_address(gateway) in ipaddress.ip_network(lan)
    except ValueError:
        return False
