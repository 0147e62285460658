"""The states of a machine in MAAS, and what brings it back to Ready.

Sources in MAAS, the same from 2.4 to 3.6: the names in ``src/maasserver/enum.py``
NODE_STATUS_CHOICES, the ways between the states in ``src/maasserver/node_status.py``
NODE_TRANSITIONS, and the states in which an action is possible in
``src/maasserver/node_action.py`` actionable_statuses. Each action is a command of
``maas PROFILE machine`` in all these releases.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ..shell import command_line
from .machines import MaasMachine

READY = "Ready"


class Use(enum.Enum):
    """Whether Juju can get a machine from MAAS."""

    FREE = "free"
    IN_USE = "in use"
    CHANGING = "changing"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class MachineState:
    """A state.

    Attributes:
        use: Whether Juju can get the machine.
        action: The action of MAAS that leads on; empty if only waiting or a person helps.
    """

    use: Use
    action: str = ""


_STATES = {
    READY: MachineState(Use.FREE),
    "New": MachineState(Use.UNUSABLE, "commission"),
    "Failed commissioning": MachineState(Use.UNUSABLE, "commission"),
    "Failed testing": MachineState(Use.UNUSABLE, "test"),
    "Broken": MachineState(Use.UNUSABLE, "mark-fixed"),
    "Missing": MachineState(Use.UNUSABLE, "test"),
    "Retired": MachineState(Use.UNUSABLE),
    "Failed deployment": MachineState(Use.UNUSABLE, "release"),
    "Releasing failed": MachineState(Use.UNUSABLE, "release"),
    "Failed disk erasing": MachineState(Use.UNUSABLE, "release"),
    "Rescue mode": MachineState(Use.UNUSABLE, "exit-rescue-mode"),
    "Failed to enter rescue mode": MachineState(Use.UNUSABLE, "exit-rescue-mode"),
    "Failed to exit rescue mode": MachineState(Use.UNUSABLE, "exit-rescue-mode"),
    "Commissioning": MachineState(Use.CHANGING),
    "Testing": MachineState(Use.CHANGING),
    "Releasing": MachineState(Use.CHANGING),
    "Disk erasing": MachineState(Use.CHANGING),
    "Entering rescue mode": MachineState(Use.CHANGING),
    "Exiting rescue mode": MachineState(Use.CHANGING),
    "Allocated": MachineState(Use.IN_USE, "release"),
    "Reserved": MachineState(Use.IN_USE, "release"),
    "Deploying": MachineState(Use.IN_USE, "release"),
    "Deployed": MachineState(Use.IN_USE, "release"),
}


def state_of(machine: MaasMachine) -> MachineState:
    """Return the state of a machine.

    A machine whose state the dump lacks counts as free, and one in a state that MAAS 3.6 does not
    have counts as unusable.
    """
    if not machine.status:
        return _STATES[READY]
    return _STATES.get(machine.status, MachineState(Use.UNUSABLE))


def remedy(machine: MaasMachine, profile: str) -> str:
    """Return what brings a machine back to Ready, with the command if there is one.

    Args:
        machine: A machine that is not Ready.
        profile: The profile of the maas command.
    """
    state = state_of(machine)
    if state.use is Use.CHANGING:
        return "wait until MAAS is done, and check again"
    if not state.action:
        return "look at the machine in MAAS, or use another one"
    command = _command(profile, state.action, machine.system_id)
    if machine.is_locked:
        command = f"{_command(profile, 'unlock', machine.system_id)}; {command}"
    if state.use is Use.IN_USE:
        return f"if nobody needs what runs on it: {command}"
    return command


def _command(profile: str, action: str, system_id: str) -> str:
    return command_line("maas", profile, "machine", action, system_id or "SYSTEM_ID")
