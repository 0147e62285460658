"""Which machine of a model each machine of a bundle stands for.

Juju infers this from the units on the machines. After an interrupted deployment a machine can
have no units yet, and Juju would add another machine. Therefore a machine is first recognised by
its constraints, such as its tag, if no other machine has the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ...bundle.model import Bundle, Machine
from ...plan.constraint_values import constraint_values
from ...plan.machine_map import MachineMap
from ...plan.model import Model
from ..status.model import ModelStatus


def map_machines(
    bundle: Bundle, status: ModelStatus, model: Model, requested: MachineMap
) -> dict[str, str]:
    """Map the machines of a bundle to those of a model, and prepare the model for a plan.

    Args:
        bundle: The bundle.
        status: The status of the model.
        model: The model. Its machine map is completed.
        requested: The map that the user asked for, which wins.

    Returns:
        The machines of the model by the machines of the bundle.
    """
    model.map_machines(requested)
    used = set(model.machine_map.values())
    for name, machine in pairs_by_constraints(bundle, status):
        if name not in model.machine_map and machine not in used:
            model.machine_map[name] = machine
            used.add(machine)
    model.infer_machines(bundle)
    existing = model.machine_map.items()
    return {
        name: machine
        for name, machine in existing
        if name in bundle.machines and machine in status.machines
    }


def map_text(machines: Mapping[str, str]) -> str:
    """Return a map in the form of ``--map-machines``."""
    return ",".join(f"{name}={machine}" for name, machine in machines.items())


def has_unique_constraints(bundle: Bundle, name: str) -> bool:
    """Return whether a machine of a bundle can be recognised by its constraints."""
    keys = Counter(map(_key, bundle.machines.values()))
    key = _key(bundle.machines.get(name))
    return bool(key) and keys[key] == 1


def pairs_by_constraints(bundle: Bundle, status: ModelStatus) -> Iterator[tuple[str, str]]:
    """Yield the machines of the bundle and of the model that alone have certain constraints."""
    placed = {name: _key(machine) for name, machine in bundle.machines.items()}
    deployed = {
        name: frozenset(constraint_values(machine.constraints).items())
        for name, machine in status.machines.items()
        if not machine.parent and machine.constraints
    }
    counts = Counter(placed.values())
    for name, key in placed.items():
        # Juju adds constraints of the model and of the application to those of the bundle.
        machines = [machine for machine, held in deployed.items() if key <= held]
        if key and counts[key] == 1 and len(machines) == 1:
            yield name, machines[0]


def _key(machine: Machine | None) -> frozenset[tuple[str, object]]:
    return frozenset(constraint_values(machine.constraints if machine else "").items())
