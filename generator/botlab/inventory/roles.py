"""The roles of the proposed machines, from their tags or as a person would assign them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..findings import listed
from ..site.roles import Role
from .machines import MaasMachine
from .role_plans import for_control_plane, role_plan
from .selection import ARCHITECTURES
from .tagged_roles import complete_roles
from .unique_tags import role_of_tag

# In this order they stand in the site file.
ROLES = tuple(role.value for role in Role)


@dataclass(frozen=True, slots=True)
class ProfileRoles:
    """The roles that a profile has.

    Attributes:
        available: All its roles.
        required: Those that every cluster needs, each with the smallest number of machines.
        control_plane_runs_pods: Whether pods run on control planes, too. Such a machine must not
            have the role worker (BL122).
        contained: The application of the control plane if it can run in a container; empty
            otherwise.
        architectures: The architectures that the services of the cluster run on.
    """

    available: frozenset[str] = frozenset(ROLES)
    required: Mapping[str, int] = field(
        default_factory=lambda: {"easyrsa": 1, "etcd": 1, "control-plane": 1, "worker": 1}
    )
    control_plane_runs_pods: bool = False
    contained: str = ""
    architectures: tuple[str, ...] = ARCHITECTURES


@dataclass(slots=True)
class RoleHolder:
    """A machine that gets roles.

    Attributes:
        name: Its name in the site.
        machine: The machine of MAAS.
        has_gpu: Whether it has NVIDIA GPUs.
        roles: Its roles.
        workers: The entry of ``workers`` that it belongs to; empty for none.
    """

    name: str
    machine: MaasMachine
    has_gpu: bool
    roles: list[str] = field(default_factory=list[str])
    workers: str = ""

    @property
    def architecture(self) -> str:
        """Its architecture, or else the default of the site file."""
        return self.machine.architecture or ARCHITECTURES[0]

    def add_role(self, role: str) -> None:
        """Add a role, in the order of the site file."""
        self.roles = [name for name in ROLES if name in {*self.roles, role}]


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
        notes = complete_roles(holders, storage, profile)
    else:
        plan = role_plan(holders, storage, profile)
        for role in ROLES:
            for holder in plan[role] if role in profile.available else ():
                holder.add_role(role)
        notes = ["no machine has the tag of a role, so the roles are a proposal"]
    if profile.available:
        _separate_workers(holders)
        notes += _unused_gpus(holders, profile)
    return storage.name, notes


def _separate_workers(holders: Sequence[RoleHolder]) -> None:
    """Give workers of a second architecture an application of their own.

    The application of the profile has the architecture of the control plane.
    """
    workers = [holder for holder in holders if "worker" in holder.roles]
    architectures = Counter(holder.architecture for holder in workers)
    controls = (holder.architecture for holder in holders if "control-plane" in holder.roles)
    main = next((name for name in controls if name in architectures), "")
    main = main or max(architectures, key=architectures.__getitem__, default="")
    for holder in workers:
        holder.workers = "" if holder.architecture == main else holder.architecture


def _unused_gpus(holders: Sequence[RoleHolder], profile: ProfileRoles) -> Iterator[str]:
    """Ignore the GPUs that no pod could use (BL052), and yield a note."""
    roles = {"worker", *(["control-plane"] if profile.control_plane_runs_pods else [])}
    unused = [holder for holder in holders if holder.has_gpu and not roles & {*holder.roles}]
    for holder in unused:
        holder.has_gpu = False
    if unused:
        names = listed([holder.name for holder in unused])
        yield f"the GPUs of {names} are not used, because pods only run on workers"


def beside_cluster(
    holders: Sequence[RoleHolder], storage: str
) -> tuple[list[RoleHolder], list[str]]:
    """Return the machines of a lab whose cluster Juju does not manage, and notes.

    It needs one machine for containers, and the one for the storage. GPUs have no effect there.

    Args:
        holders: The machines, without roles.
        storage: The name of the machine for the storage.
    """
    others = [holder for holder in for_control_plane(holders) if holder.name != storage]
    chosen = [*others[:1], *(holder for holder in holders if holder.name == storage)]
    for holder in chosen:
        holder.has_gpu = False
    unused = [holder.name for holder in others[1:]]
    reason = "left out, because a lab with an existing cluster needs two machines of Juju"
    return chosen, [f"{reason}: {listed(unused)}"] if unused else []


def _storage(holders: Sequence[RoleHolder]) -> RoleHolder:
    """Return the machine with most disk: among equals one without GPUs, and then the first."""
    ranked = for_control_plane(holders)
    return min(ranked, key=lambda holder: (-holder.machine.disk, holder.has_gpu))
