"""The machines of the model that ``--map-machines`` uses for the machines of a bundle."""

from __future__ import annotations

from collections.abc import Iterator

from ...bundle.model import KUBERNETES, Bundle
from ...plan.machine_map import MachineMap
from ..status.model import MachineStatus, ModelStatus
from .check import Check, failed, passed, skipped

_USABLE = ("started", "pending", "allocating", "running")
_ADD = "add it with `juju add-machine ssh:USER@HOST`, or name another one in --map-machines"
_SEE = "see `juju show-machine {name}`, or name another one in --map-machines"


def check_mapped_machines(
    bundle: Bundle, status: ModelStatus, machine_map: MachineMap
) -> Iterator[Check]:
    """Yield a check for each machine of a bundle that shall be a machine of the model.

    ``existing`` stands for the machines of the model with the same numbers. Juju adds others, if
    the cloud has machines to give. A cloud whose machines were added by hand has none.

    Args:
        bundle: The bundle.
        status: The state of the model.
        machine_map: The map.
    """
    if bundle.type == KUBERNETES:
        return
    machines = status.machines.values()
    is_managed = bool(machines) and not any(m.instance_id.startswith("manual:") for m in machines)
    for name in bundle.machines:
        mapped = machine_map.entries.get(name, name if machine_map.uses_existing else "")
        if mapped and mapped not in status.machines and is_managed and name == mapped:
            yield skipped(f"machine {name}", "not in the model; Juju adds it")
        elif mapped:
            yield _check(name, mapped, status.machines.get(mapped))


def _check(name: str, mapped: str, machine: MachineStatus | None) -> Check:
    label = f"machine {name}"
    if machine is None:
        return failed(label, f"the model has no machine {mapped}", _ADD)
    state = machine.agent.current
    if machine.life in ("dying", "dead"):
        return failed(label, f"machine {mapped} of the model is being removed", _ADD)
    if state not in _USABLE:
        return failed(label, f"machine {mapped} of the model is {state}", _SEE.format(name=mapped))
    return passed(label, f"machine {mapped} of the model is {state}")
