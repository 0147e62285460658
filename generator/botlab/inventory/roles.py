"""The roles of the proposed machines, from their tags or as a person would assign them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..findings import listed
from ..site.roles import Role
from .machines import MaasMachine
from .unique_tags import role_of_tag

# In this order they stand in the site file.
ROLES = tuple(role.value for role in Role)
_ETCD_UNITS = 3
# From this number of machines on, control planes and storage have machines of their own.
_DEDICATED = 6
# What Charmed Kubernetes asks of the machines of its control plane (its bundle, release 1.35).
_CORES, _MEMORY = 2, 8 * 1024


@dataclass(frozen=True, slots=True)
class ProfileRoles:
    """The roles that a profile has.

    Attributes:
        available: All its roles.
        required: Those that every cluster needs, each with the smallest number of machines.
    """

    available: frozenset[str] = frozenset(ROLES)
    required: Mapping[str, int] = field(
        default_factory=lambda: {"easyrsa": 1, "etcd": 1, "control-plane": 1, "worker": 1}
    )


@dataclass(slots=True)
class RoleHolder:
    """A machine that gets roles.

    Attributes:
        name: Its name in the site.
        machine: The machine of MAAS.
        has_gpu: Whether it has NVIDIA GPUs.
        roles: Its roles.
    """

    name: str
    machine: MaasMachine
    has_gpu: bool
    roles: list[str] = field(default_factory=list[str])


def assign_roles(holders: Sequence[RoleHolder], profile: ProfileRoles) -> tuple[str, list[str]]:
    """Assign roles to machines.

    Args:
        holders: The machines.
        profile: The roles of the profile.

    Returns:
        The name of the machine for the storage, and notes for the administrator.
    """
    for holder in holders:
        tagged = {role_of_tag(tag) for tag in holder.machine.tags}
        holder.roles = [role for role in ROLES if role in tagged & profile.available]
    storage = _storage(holders)
    if any(holder.roles for holder in holders):
        return storage.name, _complete_roles(holders, profile)
    is_large = _is_large(holders)
    roles = _large_plan(holders, storage) if is_large else _small_plan(holders, profile)
    for role in ROLES:
        for holder in roles[role] if role in profile.available else ():
            holder.roles.append(role)
    return storage.name, ["no machine has the tag of a role, so the roles are a proposal"]


def beside_cluster(
    holders: Sequence[RoleHolder], storage: str
) -> tuple[list[RoleHolder], list[str]]:
    """Return the machines of a lab whose cluster Juju does not manage, and notes.

    It needs one machine for containers, and the one for the storage. GPUs have no effect there.

    Args:
        holders: The machines, without roles.
        storage: The name of the machine for the storage.
    """
    others = [holder for holder in _for_control_plane(holders) if holder.name != storage]
    chosen = [*others[:1], *(holder for holder in holders if holder.name == storage)]
    for holder in chosen:
        holder.has_gpu = False
    unused = [holder.name for holder in others[1:]]
    reason = "left out, because a lab with an existing cluster needs two machines of Juju"
    return chosen, [f"{reason}: {listed(unused)}"] if unused else []


def _storage(holders: Sequence[RoleHolder]) -> RoleHolder:
    """Return the machine with most disk: among equals one without GPUs, and then the first."""
    ranked = _for_control_plane(holders)
    return min(ranked, key=lambda holder: (-holder.machine.disk, holder.has_gpu))


def _is_large(holders: Sequence[RoleHolder]) -> bool:
    without_gpu = sum(not holder.has_gpu for holder in holders)
    return len(holders) >= _DEDICATED and without_gpu >= _ETCD_UNITS


def _large_plan(
    holders: Sequence[RoleHolder], storage: RoleHolder
) -> Mapping[str, Sequence[RoleHolder]]:
    """Put the control plane on three small machines of different zones, and workers elsewhere."""
    candidates = [holder for holder in _for_control_plane(holders) if not holder.has_gpu]
    if len(candidates) > _ETCD_UNITS:
        candidates = [holder for holder in candidates if holder is not storage]
    controls = _spread(candidates)[:_ETCD_UNITS]
    dedicated = [*controls, *([] if storage.has_gpu else [storage])]
    return {
        "easyrsa": controls[:1],
        "load-balancer": controls[:1],
        "etcd": controls,
        "control-plane": controls,
        "worker": [holder for holder in holders if holder not in dedicated] or [storage],
    }


def _small_plan(
    holders: Sequence[RoleHolder], profile: ProfileRoles
) -> Mapping[str, Sequence[RoleHolder]]:
    """Assign roles as in the lab of the guide: services to machines without GPUs first."""
    ordered = _for_control_plane(holders)
    first = ordered[0]
    is_cluster = len(holders) > 1
    second = [
        holder
        for holder in ordered[_ETCD_UNITS:][:1]
        if not holder.has_gpu and not _is_too_small(holder.machine)
    ]
    return {
        "easyrsa": [first],
        "etcd": ordered[: _ETCD_UNITS if len(ordered) >= _ETCD_UNITS else 1],
        "load-balancer": [first] if is_cluster else [],
        # The database inside the control plane of a profile without etcd needs an odd number.
        "control-plane": [first, *(second if "etcd" in profile.available else [])],
        "worker": [holder for holder in holders if holder is not first or not is_cluster],
    }


def _for_control_plane(holders: Iterable[RoleHolder]) -> list[RoleHolder]:
    """Return the machines with those for a control plane first: small ones without GPUs."""

    def rank(holder: RoleHolder) -> tuple[bool, bool, bool, int, int]:
        machine = holder.machine
        is_unknown = not machine.cores
        is_too_small = _is_too_small(machine)
        return holder.has_gpu, is_too_small, is_unknown, machine.cores, machine.memory

    return sorted(holders, key=rank)


def _is_too_small(machine: MaasMachine) -> bool:
    """Return whether a machine has less than a control plane needs. Unknown sizes suffice."""
    return 0 < machine.cores < _CORES or 0 < machine.memory < _MEMORY


def _spread(holders: Sequence[RoleHolder]) -> list[RoleHolder]:
    """Return machines in their order, but so that each zone has its turn."""
    turns: list[tuple[int, int, RoleHolder]] = []
    counts: dict[str, int] = {}
    for position, holder in enumerate(holders):
        turn = counts.get(holder.machine.zone, 0)
        counts[holder.machine.zone] = turn + 1
        turns.append((turn, position, holder))
    return [holder for _, _, holder in sorted(turns, key=lambda turn: turn[:2])]


def _complete_roles(holders: Sequence[RoleHolder], profile: ProfileRoles) -> list[str]:
    """Assign the roles that every cluster needs and no tag names, and return notes."""
    notes: list[str] = []
    for holder in holders:
        if holder.has_gpu and not holder.roles:
            holder.roles = ["worker"]
    controls = (holder for holder in holders if "control-plane" in holder.roles)
    host = next(controls, None) or _for_control_plane(holders)[0]
    for role in ("control-plane", "etcd", "easyrsa", "worker"):
        is_missing = not any(role in holder.roles for holder in holders)
        if is_missing and profile.required.get(role):
            host.roles = [name for name in ROLES if name in {*host.roles, role}]
            notes.append(
                f"no machine has a tag of the role {role}, which is proposed for {host.name}"
            )
    return notes
