"""The reboot that an action requests."""

from __future__ import annotations

import json

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError
from nvidia_runtime.host.reboot import REQUEST, Reboot, request_reboot

KUBECTL = "/snap/bin/kubectl"


def test_requested_reboot_drains_once_and_uncordons_after_the_boot(machine: FakeMachine) -> None:
    """The reboot is due until the machine has another boot id; then the request is removed."""
    machine.write("/proc/sys/kernel/random/boot_id", "one\n")
    machine.write("/root/.kube/config", "x")
    request_reboot(machine, drain=True)
    assert Reboot(machine).is_due()

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


def test_node_is_uncordoned_when_the_hook_was_killed_while_it_drained(
    machine: FakeMachine,
) -> None:
    """Somebody reboots the machine by hand afterwards."""

    def die(_: list[str]) -> str:
        raise KeyboardInterrupt

    machine.write("/proc/sys/kernel/random/boot_id", "one\n")
    machine.write("/root/.kube/config", "x")
    request_reboot(machine, drain=True)
    machine.answers[KUBECTL] = die
    with pytest.raises(KeyboardInterrupt):
        Reboot(machine).prepare()

    machine.answers[KUBECTL] = ""
    machine.write("/proc/sys/kernel/random/boot_id", "two\n")
    Reboot(machine).finish()
    assert any("uncordon" in text for text in machine.ran(KUBECTL))
    assert machine.read(REQUEST) is None


def test_another_hook_of_the_same_boot_drains_again(machine: FakeMachine) -> None:
    """The hook was killed while it drained the node."""
    machine.write("/proc/sys/kernel/random/boot_id", "one\n")
    machine.write("/root/.kube/config", "x")
    machine.write(REQUEST, json.dumps({"boot": "one", "drain": True, "cordoned": True}))
    Reboot(machine).prepare()

    assert any(" drain " in text for text in machine.ran(KUBECTL))
    assert json.loads(machine.read(REQUEST) or "")["drained"] is True


def test_node_without_a_kubeconfig_is_not_rebooted_undrained(machine: FakeMachine) -> None:
    """Neither when the reboot is requested, nor when the kubeconfig is gone in the next hook."""
    with pytest.raises(BlockedError, match="run reboot-node drain=false"):
        request_reboot(machine, drain=True)
    assert machine.read(REQUEST) is None

    machine.write("/root/.kube/config", "x")
    request_reboot(machine, drain=True)
    machine.remove("/root/.kube/config")
    with pytest.raises(BlockedError, match="no kubeconfig"):
        Reboot(machine).prepare()
    request_reboot(machine, drain=False)
    Reboot(machine).prepare()
