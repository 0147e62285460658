"""Rules about the architecture and the base of applications and of their machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....bundle.constraints import architecture_in
from ....findings import KeyPath, Severity
from ....juju import Juju
from ...controller import Deployment
from ...controller.unit_machines import PlacedUnit, placed_units
from ..facts import Facts
from ..rule import PLACEMENT_KEYS, Violation, rule
from .architectures import mixed_applications

_Test = Callable[[PlacedUnit, Deployment], bool]
# The architecture of an application without a constraint, unless the model has one.
_DEFAULT_ARCHITECTURE = "amd64"


@rule("BL106", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def architecture_of_machine(facts: Facts) -> Iterator[Violation]:
    """Yield the first unit of each application whose machine has another architecture.

    Before 2.9 Juju does not choose a charm by its architecture. An application that BL092 or BL093
    reports has no constraint that is right for all its machines.
    """
    if facts.juju < Juju.V2_9:
        return
    deployment = Deployment(facts.bundle, facts.juju, facts.charms)
    mixed = mixed_applications(facts)
    for unit in _first_units(deployment, _has_other_architecture):
        if unit.application in mixed:
            continue
        own, machine = (
            _architecture(unit.application, deployment),
            architecture_in(unit.machine.constraints),
        )
        yield Violation(
            _path(unit),
            f"{unit.application} is deployed for {own}, but its machine has arch={machine}",
            f"add arch={machine} to the constraints of {unit.application}",
        )


@rule("BL107", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def base_of_machine(facts: Facts) -> Iterator[Violation]:
    """Yield the first unit of each application whose machine has another base, on Juju 4.

    Earlier releases refuse such a unit.
    """
    if facts.juju < Juju.V4_0:
        return
    deployment = Deployment(facts.bundle, facts.juju, facts.charms)
    for unit in _first_units(deployment, _has_other_base):
        own = deployment.application_platform(unit.application).partition("/")[0]
        machine = unit.machine.platform.partition("/")[0]
        yield Violation(
            _path(unit),
            f"{unit.application} is deployed for {own}, but its machine has {machine}",
            "give the application and the machine the same base",
        )


def _first_units(deployment: Deployment, differs: _Test) -> Iterator[PlacedUnit]:
    """Yield the first unit of each application that differs from its machine."""
    if deployment.is_kubernetes:
        return
    applications: set[str] = set()
    for unit in placed_units(deployment):
        if unit.application not in applications and differs(unit, deployment):
            applications.add(unit.application)
            yield unit


def _has_other_architecture(unit: PlacedUnit, deployment: Deployment) -> bool:
    machine = architecture_in(unit.machine.constraints)
    return bool(machine) and machine != _architecture(unit.application, deployment)


def _architecture(name: str, deployment: Deployment) -> str:
    own = architecture_in(deployment.applications[name].constraints)
    charm = deployment.charms.get(name)
    architectures = charm.architectures if charm else frozenset[str]()
    if own or len(architectures) != 1 or "all" in architectures:
        return own or _DEFAULT_ARCHITECTURE
    return next(iter(architectures))


def _has_other_base(unit: PlacedUnit, deployment: Deployment) -> bool:
    machine = unit.machine
    own = deployment.application_platform(unit.application)
    return not machine.in_container and bool(own and machine.platform) and own != machine.platform


def _path(unit: PlacedUnit) -> KeyPath:
    key: KeyPath = ("num_units",) if unit.directive is None else ("to", unit.directive)
    return ("applications", unit.application, *key)
