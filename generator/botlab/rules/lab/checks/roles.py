"""Rules about the roles that a cluster cannot do without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ....catalogue.profiles import ProfileApplication
from ....findings import Severity
from ..facts import Facts
from ..rule import PLACEMENT_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.machines import Machine

# Other charms that provide what an application of a profile provides.
_SUBSTITUTES = {"easyrsa": ("vault", "self-signed-certificates")}


@rule("BL118", Severity.ERROR, depends_on=PLACEMENT_KEYS)
def missing_role(facts: Facts) -> Iterator[Violation]:
    """Yield the roles that the profile needs and that too few machines of the site have."""
    missing = [
        (application, minimum)
        for application, minimum in facts.missing_roles
        if not facts.applications_of(*_SUBSTITUTES.get(application.name, ()))
    ]
    fixes = _fixes([application.role for application, _ in missing], facts)
    for (application, minimum), fix in zip(missing, fixes, strict=True):
        yield Violation(
            ("machines",),
            f"{_number(application, facts)} the role {application.role}, but the cluster needs"
            f" {application.name} on {_machines(minimum)}",
            fix,
            in_site=True,
        )


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
    roles = {name: [role.value for role in machine.roles] for name, machine in machines.items()}
    chosen: list[str] = []
    for role in missing:
        name = _candidate(role, machines, roles)
        chosen.append(name)
        if name:
            roles[name].append(role)
    return [
        f"write roles: [{', '.join(roles[name])}] for {name}, for example"
        if name
        else f"add a machine with roles: [{role}]"
        for name, role in zip(chosen, missing, strict=True)
    ]


def _candidate(
    role: str, machines: Mapping[str, Machine], roles: Mapping[str, Sequence[str]]
) -> str:
    """Return the machine that could take a role best; empty when all of them have it."""
    free = [name for name in machines if role not in roles[name]]
    return min(free, key=lambda name: _cost(role, machines[name].gpu, roles[name]), default="")


def _cost(role: str, has_gpu: bool, roles: Sequence[str]) -> tuple[bool, int]:
    """Return how little a machine suits a role: workers need GPUs, the others need them left free.

    A worker shares its machine last. The services of the cluster share a machine first.
    """
    if role == "worker":
        return not has_gpu, len(roles)
    return has_gpu, -len(set(roles) - {"worker"})
