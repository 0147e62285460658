"""Propose the machines of a site from what MAAS knows: tags, roles, GPUs, addresses, zones."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .maas import MaasMachine

# Tags that people give; ours, and the names of the applications behind a role.
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
_ORDER = ("easyrsa", "etcd", "load-balancer", "control-plane", "worker")
_GPU_TAG = re.compile(r"(gpus?|nvidia|cuda|tesla|geforce|quadro)([-_0-9].*)?", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z0-9_-]+")
# MAAS's own words for a machine that no deploy can get.
_UNUSABLE = ("Broken", "Missing", "Retired", "Failed", "Rescue", "Entering rescue", "Exiting")
_TAKEN = ("Deployed", "Deploying", "Allocated", "Reserved")
_ETCD_UNITS = 3


@dataclass(slots=True)
class Proposed:
    """One machine of the site to be.

    Attributes:
        name: Its name in the site.
        tag: The tag that pins it.
        commands: What to run in MAAS first, where that tag is not there yet.
        roles: Its roles.
        gpu: Whether a tag of it names a GPU.
        constraints: Its cores and memory, as Juju asks MAAS for at least them; so the site says
            what the machine has, and the rules about its size can judge it.
        facts: A line about it: state and id.
    """

    name: str
    tag: str
    zone: str
    addresses: tuple[str, ...]
    constraints: str
    facts: str
    gpu: bool = False
    roles: list[str] = field(default_factory=list[str])
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Machines, the LAN that they share (CIDR and gateway; empty when not known), and notes."""

    machines: tuple[Proposed, ...]
    lan: str
    gateway: str
    notes: tuple[str, ...]


def propose(machines: Sequence[MaasMachine]) -> Proposal:
    """Return the machines of a site.

    GPU machines and roles come from tags. Where no machine has a tag of a role, roles are spread
    as the guide's lab spreads them, and a note says so.
    """
    notes: list[str] = []
    usable = [machine for machine in machines if _is_usable(machine, notes)]
    uses = Counter(tag for machine in machines for tag in set(machine.tags))
    taken = set(uses)
    proposed = [_one(machine, uses, taken) for machine in usable]
    for machine, entry in zip(usable, proposed, strict=True):
        entry.roles = _tagged_roles(machine.tags)
        if machine.status.startswith(_TAKEN):
            notes.append(f"{machine.name} is {machine.status} in MAAS: release it before juju add")
    if any(entry.roles for entry in proposed):
        _complete(proposed, notes)
    elif proposed:
        _spread(proposed)
        notes.append("no machine has a tag of a role: the roles below are a proposal")
    lan, gateway = _lan(usable)
    return Proposal(tuple(proposed), lan, gateway, tuple(notes))


def _is_usable(machine: MaasMachine, notes: list[str]) -> bool:
    if machine.status.startswith(_UNUSABLE):
        notes.append(f"{machine.name} is left out: it is {machine.status} in MAAS")
        return False
    if machine.architecture not in ("", "amd64"):
        notes.append(
            f"{machine.name} is left out: it is {machine.architecture}; the charms are amd64"
        )
        return False
    return True


def _one(machine: MaasMachine, uses: Counter[str], taken: set[str]) -> Proposed:
    tag, commands = _own_tag(machine, uses, taken)
    return Proposed(
        _site_name(machine.name),
        tag,
        machine.zone,
        machine.addresses,
        _constraints(machine),
        _facts(machine),
        any(_GPU_TAG.fullmatch(own) for own in machine.tags),
        commands=commands,
    )


def _site_name(host: str) -> str:
    """Return a host name as the site file takes it: a small-letter label with a letter in it."""
    name = re.sub(r"[^a-z0-9-]", "-", host.lower()).strip("-")[:60].strip("-")
    return name if re.search(r"[a-z]", name) else f"m{name}"


def _own_tag(
    machine: MaasMachine, uses: Counter[str], taken: set[str]
) -> tuple[str, tuple[str, ...]]:
    """Return a tag that only this machine has, or one to make and the commands for it."""
    own = [tag for tag in machine.tags if uses[tag] == 1 and _TAG.fullmatch(tag)]
    own.sort(key=lambda tag: (tag != machine.name, _normal(tag) in _ROLE_TAGS, tag))
    if own:
        return own[0], ()
    tag = re.sub(r"[^A-Za-z0-9_-]", "-", machine.name)
    while tag in taken:
        tag += "-pin"
    taken.add(tag)
    node = machine.system_id or "SYSTEM_ID"
    return tag, (
        f"maas PROFILE tags create name={tag}",
        f"maas PROFILE tag update-nodes {tag} add={node}",
    )


def _constraints(machine: MaasMachine) -> str:
    gib, rest = divmod(machine.memory, 1024)
    memory = f"{machine.memory}M" if rest else f"{gib}G"
    parts = [
        f"cores={machine.cores}" if machine.cores else "",
        f"mem={memory}" if machine.memory else "",
    ]
    return " ".join(part for part in parts if part)


def _facts(machine: MaasMachine) -> str:
    parts = [
        machine.status,
        f"MAAS id {machine.system_id}" if machine.system_id else "",
    ]
    return ", ".join(part for part in parts if part)


def _normal(tag: str) -> str:
    return tag.lower().replace("_", "-")


def _tagged_roles(tags: Iterable[str]) -> list[str]:
    found = {_ROLE_TAGS[_normal(tag)] for tag in tags if _normal(tag) in _ROLE_TAGS}
    return [role for role in _ORDER if role in found]


def _complete(machines: list[Proposed], notes: list[str]) -> None:
    """Give the roles that no tag names, but every cluster needs, to a machine."""
    for machine in machines:
        if machine.gpu and not machine.roles:
            machine.roles = ["worker"]
    home = next((one for one in machines if "control-plane" in one.roles), machines[0])
    for role in ("control-plane", "etcd", "easyrsa", "worker"):
        if not any(role in machine.roles for machine in machines):
            home.roles = [own for own in _ORDER if own in {*home.roles, role}]
            notes.append(f"no machine has a tag of {role}: proposed on {home.name}")


def _spread(machines: list[Proposed]) -> None:
    """Spread roles as the guide does: services first on machines without GPU, workers on all."""
    calm = sorted(machines, key=lambda machine: machine.gpu)
    etcd = calm[: _ETCD_UNITS if len(calm) >= _ETCD_UNITS else 1]
    control = [calm[0], *(calm[3:4] if len(calm) > _ETCD_UNITS and not calm[3].gpu else [])]
    workers = machines if len(machines) == 1 else [one for one in machines if one is not calm[0]]
    holders = {
        "easyrsa": calm[:1],
        "etcd": etcd,
        "load-balancer": calm[:1] if len(machines) > 1 else [],
        "control-plane": control,
        "worker": workers,
    }
    for role in _ORDER:
        for machine in holders[role]:
            machine.roles.append(role)


def _lan(machines: Sequence[MaasMachine]) -> tuple[str, str]:
    """Return the subnet that most machines have an address in, and its gateway."""
    votes: Counter[tuple[str, str]] = Counter()
    for machine in machines:
        for cidr, gateway in sorted(set(machine.subnets)):
            if _holds_any(cidr, machine.addresses):
                votes[cidr, gateway] += 1
    best = sorted(votes, key=lambda pair: (-votes[pair], pair))
    return best[0] if best else ("", "")


def _holds_any(cidr: str, addresses: Iterable[str]) -> bool:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return any(ipaddress.ip_address(address) in network for address in addresses)
