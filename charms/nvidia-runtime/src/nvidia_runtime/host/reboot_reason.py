"""The reason for which the charm asks for a reboot, so that it asks only once for each.

The record holds the id of the boot in which the charm asked. In a later boot the same reason shows
that a reboot does not help.
"""

import json

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nvidia_runtime.host.reboot import boot_id
from reconciler.settings import STATE_DIRECTORY, parse_object

RECORD = STATE_DIRECTORY + "/reboot-reason.json"


def reboot_needed(machine: Machine, reason: str, remedy: str) -> BlockedError:
    """Return the error that asks for a reboot, or names another remedy after a reboot.

    Args:
        machine: The machine.
        reason: Why the machine must be rebooted.
        remedy: What else to do when the reason outlived a reboot.
    """
    boot = boot_id(machine)
    record = parse_object(machine.read(RECORD)) or {}
    if record.get("reason") == reason and record.get("boot") != boot:
        return BlockedError(f"{reason}, also after a reboot: {remedy}")
    text = json.dumps({"reason": reason, "boot": boot}, sort_keys=True)
    machine.write(RECORD, f"{text}\n")
    return BlockedError(f"reboot needed ({reason}): run the action reboot-node")


def forget_reason(machine: Machine) -> None:
    """Forget the reason, because it is gone."""
    machine.remove(RECORD)
