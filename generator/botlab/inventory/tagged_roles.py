"""The roles that the tags of machines leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..findings import listed
from .role_plans import for_control_plane

if TYPE_CHECKING:
    from .roles import ProfileRoles, RoleHolder

_CONTROL_PLANE, _WORKER = "control-plane", "worker"


def complete_roles(
    holders: Sequence[RoleHolder], storage: RoleHolder, profile: ProfileRoles
) -> list[str]:
    """Assign the roles that every cluster needs and no tag names, and return notes.

    Args:
        holders: The machines, with the roles of their tags.
        storage: The machine for the storage.
        profile: The roles of the profile.
    """
    notes = list(_keep_apart(holders, profile))
    for holder in holders:
        if holder.has_gpu and not holder.roles and _WORKER in profile.available:
            holder.roles = [_WORKER]
    for role in (_CONTROL_PLANE, "etcd", "easyrsa", _WORKER):
        hosts = [] if _has_role(role, holders) else _hosts(role, holders, storage, profile)
        if hosts:
            _assign(role, hosts, profile)
            names = listed([host.name for host in hosts])
            notes.append(f"no machine has a tag of the role {role}, which is proposed for {names}")
    return notes


def _keep_apart(holders: Sequence[RoleHolder], profile: ProfileRoles) -> Iterator[str]:
    """Take the role worker from control planes that run pods anyway, and yield notes (BL122)."""
    for holder in holders if profile.control_plane_runs_pods else ():
        if {_CONTROL_PLANE, _WORKER} <= {*holder.roles}:
            holder.roles.remove(_WORKER)
            yield (
                f"{holder.name} has tags of the roles control-plane and worker; it gets only"
                " control-plane, because pods run there, too"
            )


def _has_role(role: str, holders: Sequence[RoleHolder]) -> bool:
    return any(role in holder.roles for holder in holders)


def _hosts(
    role: str, holders: Sequence[RoleHolder], storage: RoleHolder, profile: ProfileRoles
) -> list[RoleHolder]:
    """Return the machines that get a role; none if the cluster does not need it."""
    if role == _WORKER and role in profile.available:
        return _workers(holders, storage, profile)
    return [_host(holders)] if profile.required.get(role) else []


def _host(holders: Sequence[RoleHolder]) -> RoleHolder:
    """Return the first control plane, or else the machine that suits one best: no worker."""
    controls = [holder for holder in holders if _CONTROL_PLANE in holder.roles]
    ranked = sorted(for_control_plane(holders), key=lambda holder: _WORKER in holder.roles)
    return [*controls, *ranked][0]


def _workers(
    holders: Sequence[RoleHolder], storage: RoleHolder, profile: ProfileRoles
) -> list[RoleHolder]:
    """Return the machines for workers: those without a role, or else one that suits best."""
    free = [holder for holder in holders if not holder.roles]
    if free:
        return [holder for holder in free if holder is not storage] or free
    if not profile.required.get(_WORKER):
        return []
    others = [holder for holder in holders if _CONTROL_PLANE not in holder.roles]
    if profile.control_plane_runs_pods and not others:
        return []
    return [min(others or [_host(holders)], key=lambda holder: len(holder.roles))]


def _assign(role: str, hosts: Sequence[RoleHolder], profile: ProfileRoles) -> None:
    """Add a role. A control plane that runs pods is no worker (BL122)."""
    for host in hosts:
        host.add_role(role)
        if role == _CONTROL_PLANE and profile.control_plane_runs_pods and _WORKER in host.roles:
            host.roles.remove(_WORKER)
