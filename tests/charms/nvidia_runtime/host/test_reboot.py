"""The reboot that an action requests."""

from __future__ import annotations

import json

from helpers.fake_machine import FakeMachine
from nvidia_runtime.host.reboot import REQUEST, Reboot, request_reboot

KUBECTL = "/snap/bin/kubectl"


def test_requested_reboot_drains_once_and_uncordons_after_the_boot(machine: FakeMachine) -> None:
    """The reboot is due until the machine has another boot id; then the request is removed."""
    machine.write("/proc/sys/kernel/random/boot_id", "one\n")
    request_reboot(machine, drain=True)
    assert Reboot(machine).is_due()

    machine.write("/root/.kube/config", "x")
    machine.answers[KUBECTL] = "--delete-emptydir-data"
    Reboot(machine).prepare()
    assert json.loads(machine.read(REQUEST) or "")["drained"] is True
    drains = [text for text in machine.ran(KUBECTL) if " drain " in text]
    assert any("--delete-emptydir-data" in text for text in drains)

    machine.write("/proc/sys/kernel/random/boot_id", "two\n")
    assert Reboot(machine).has_happened()
    Reboot(machine).finish()
    assert machine.read(REQUEST) is None
    assert any("uncordon" in text for text in machine.ran(KUBECTL))
