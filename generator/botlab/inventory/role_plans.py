"""The roles of machines without the tag of a role, as a person would assign them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .machines import MaasMachine
from .selection import ARCHITECTURES

if TYPE_CHECKING:
    from .roles import ProfileRoles, RoleHolder

# The machines of a role, by its name.
RolePlan = Mapping[str, "Sequence[RoleHolder]"]
_ETCD_UNITS = 3
# From this number of machines on, control planes and storage have machines of their own.
_DEDICATED = 6
# What Charmed Kubernetes asks of the machines of its control plane (its bundle, release 1.35).
_CORES, _MEMORY = 2, 8 * 1024


def role_plan(
    holders: Sequence[RoleHolder], storage: RoleHolder, profile: ProfileRoles
) -> RolePlan:
    """Return the machines of each role.

    The services of the cluster are on machines of one architecture, because an application has
    one charm.

    Args:
        holders: The machines.
        storage: The machine for the storage.
        profile: The roles of the profile.
    """
    main = _main_architecture(holders, profile.architectures)
    candidates = [holder for holder in for_control_plane(holders) if holder.architecture == main]
    if _is_large(holders, candidates):
        return _large_plan(holders, candidates, storage)
    return _small_plan(holders, candidates, profile)


def for_control_plane(holders: Iterable[RoleHolder]) -> list[RoleHolder]:
    """Return the machines with those for a control plane first: small ones without GPUs."""

    def rank(holder: RoleHolder) -> tuple[bool, bool, bool, int, int]:
        machine = holder.machine
        is_unknown = not machine.cores
        is_too_small = _is_too_small(machine)
        return holder.has_gpu, is_too_small, is_unknown, machine.cores, machine.memory

    return sorted(holders, key=rank)


def _main_architecture(holders: Sequence[RoleHolder], supported: Sequence[str]) -> str:
    """Return the architecture with most machines for a control plane, or else most machines."""
    existing = {holder.architecture for holder in holders}
    plain = [holder for holder in holders if not holder.has_gpu]
    suitable = [holder for holder in plain if not _is_too_small(holder.machine)]

    def rank(architecture: str) -> list[int]:
        groups = (suitable, plain, holders)
        return [sum(holder.architecture == architecture for holder in group) for group in groups]

    usable = [name for name in supported if name in existing]
    return max(usable or ARCHITECTURES, key=rank)


def _is_large(holders: Sequence[RoleHolder], candidates: Sequence[RoleHolder]) -> bool:
    without_gpu = sum(not holder.has_gpu for holder in candidates)
    return len(holders) >= _DEDICATED and without_gpu >= _ETCD_UNITS


def _large_plan(
    holders: Sequence[RoleHolder], candidates: Sequence[RoleHolder], storage: RoleHolder
) -> RolePlan:
    """Put the control plane on three small machines of different zones, and workers elsewhere."""
    candidates = [holder for holder in candidates if not holder.has_gpu]
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
    holders: Sequence[RoleHolder], candidates: Sequence[RoleHolder], profile: ProfileRoles
) -> RolePlan:
    """Assign roles as in the lab of the guide: services to machines without GPUs first."""
    first = candidates[0]
    second = [
        holder
        for holder in candidates[_ETCD_UNITS:][:1]
        if not holder.has_gpu and not _is_too_small(holder.machine)
    ]
    # The database inside the control plane of a profile without etcd needs an odd number.
    controls = [first, *(second if "etcd" in profile.available else [])]
    workers = [holder for holder in holders if holder not in controls]
    return {
        "easyrsa": [first],
        "etcd": candidates[: _ETCD_UNITS if len(candidates) >= _ETCD_UNITS else 1],
        "load-balancer": [first] if workers else [],
        "control-plane": controls,
        "worker": workers or ([] if profile.control_plane_runs_pods else [first]),
    }


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
