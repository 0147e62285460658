"""Rules about the roles that a cluster cannot do without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ....catalogue.profiles import Profile, ProfileApplication
from ....findings import Severity
from ....site.roles import Role
from ..facts import Facts
from ..rule import PLACEMENT_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.machines import Machine

_CONTROL_PLANE, _WORKER = Role.CONTROL_PLANE.value, Role.WORKER.value
# Other charms that provide what an application of a profile provides.
_SUBSTITUTES = {"easyrsa": ("vault", "self-signed-certificates")}


@rule("BL118", Severity.ERROR, depends_on=PLACEMENT_KEYS)
def missing_role(facts: Facts) -> Iterator[Violation]:
    """Yield the roles that the profile needs and that too few machines of the site have."""
    missing = reported_roles(facts)
    fixes = _fixes([application.role for application, _ in missing], facts)
    for (application, minimum), fix in zip(missing, fixes, strict=True):
        yield Violation(
            ("machines",),
            f"{_number(application, facts)} the role {application.role}, but the cluster needs"
            f" {application.name} on {_machines(minimum)}",
            fix,
            in_site=True,
        )


def reported_roles(facts: Facts) -> list[tuple[ProfileApplication, int]]:
    """Return the applications whose role BL118 reports, with the number of units they need.

    An application that a charm of another name replaces is not missing.
    """
    return [
        (application, minimum)
        for application, minimum in facts.missing_roles
        if not facts.applications_of(*_SUBSTITUTES.get(application.name, ()))
    ]


def _number(application: ProfileApplication, facts: Facts) -> str:
    count = facts.unit_count(application.name)
    return (
        f"only {_machines(count)} {'has' if count == 1 else 'have'}" if count else "no machine has"
    )


def _machines(count: int) -> str:
    return "one machine" if count == 1 else f"{count} machines"


def _fixes(missing: Sequence[str], facts: Facts) -> list[str]:
    """Return how to add each missing role. A machine that gets several roles gets them at once."""
    machines = facts.site.machines if facts.site else {}
    former = {name: [role.value for role in machine.roles] for name, machine in machines.items()}
    roles = {name: [*names] for name, names in former.items()}
    chosen: list[str] = []
    for role in missing:
        name = _candidate(role, machines, roles, facts.profile)
        chosen.append(name)
        if name:
            roles[name] = _with_role(role, roles[name], facts.profile)
    return [
        _role_fix(name, former[name], roles[name])
        if name
        else f"add a machine with roles: [{role}]"
        for name, role in zip(chosen, missing, strict=True)
    ]


def _role_fix(name: str, former: Sequence[str], roles: Sequence[str]) -> str:
    reason = "" if {*former} <= {*roles} else "; pods run on the control plane's machines, too"
    return f"write roles: [{', '.join(roles)}] for {name}, for example{reason}"


def _candidate(
    role: str,
    machines: Mapping[str, Machine],
    roles: Mapping[str, Sequence[str]],
    profile: Profile | None,
) -> str:
    """Return the machine that could take a role best; empty when none of them can."""
    free = [name for name in machines if _can_take(role, roles[name], profile)]
    return min(free, key=lambda name: _cost(role, machines[name].gpu, roles[name]), default="")


def _can_take(role: str, roles: Sequence[str], profile: Profile | None) -> bool:
    """Return whether a machine with some roles can have a further one.

    Where the control plane runs pods, a machine is either a control plane or a worker (BL122).
    """
    if role in roles:
        return False
    if profile is None or not profile.control_plane_runs_pods:
        return True
    if role == _WORKER:
        return _CONTROL_PLANE not in roles
    return role != _CONTROL_PLANE or _WORKER not in roles or _WORKER not in profile.required_roles


def _with_role(role: str, roles: Sequence[str], profile: Profile | None) -> list[str]:
    """Return roles with a further one, which can replace the role worker."""
    is_replaced = role == _CONTROL_PLANE and profile and profile.control_plane_runs_pods
    return [*(name for name in roles if not (is_replaced and name == _WORKER)), role]


def _cost(role: str, has_gpu: bool, roles: Sequence[str]) -> tuple[bool, bool, int]:
    """Return how little a machine suits a role: workers need GPUs, the others need them left free.

    A worker shares its machine last, and with a control plane only if no other machine is left
    (BL022). The services of the cluster share a machine first.
    """
    if role == _WORKER:
        return _CONTROL_PLANE in roles, not has_gpu, len(roles)
    is_worker = role == _CONTROL_PLANE and _WORKER in roles
    return is_worker, has_gpu, -len({*roles} - {_WORKER})
