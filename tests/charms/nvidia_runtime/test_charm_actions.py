"""The charm's actions, on a machine of scripted programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ops import testing

from helpers.gpu_lab import Lab, state
from labcharm.errors import BlockedError
from nvidia_runtime.cluster.node import Node

ACTIVE = testing.ActiveStatus("1 GPU, driver not checked, nvidia is the default runtime of docker")
BOOT_ID = "/proc/sys/kernel/random/boot_id"
REQUEST = "/var/lib/nvidia-runtime/reboot.json"


def test_list_gpus_describes_each(context: testing.Context[Any]) -> None:
    context.run(context.on.action("list-gpus"), state())
    results = context.action_results or {}

    assert results["count"] == "1"
    assert json.loads(results["gpus"]) == [
        {
            "address": "0000:0b:00.0",
            "device": "0x1eb8",
            "kind": "0x030200",
            "driver": "",
            "use": "plain",
        }
    ]


def test_action_reconcile_may_restart(context: testing.Context[Any], lab: Lab) -> None:
    """allow-restart=false forbids it to hooks only."""
    lab.set_program(
        "docker",
        f'test -e {lab.root}/restarted && runtime=\'"nvidia":{{"path":'
        '"/usr/bin/nvidia-container-runtime"}\' default=nvidia\n'
        'echo "{\\"Runtimes\\":{$runtime},\\"DefaultRuntime\\":\\"$default\\",'
        '\\"ContainersRunning\\":1}"',
    )
    lab.set_program(
        "systemctl",
        'case "$*" in *restart*) : > ' + f"{lab.root}/restarted;; *reload\\ *) exit 1;;"
        ' *Id,LoadState*) printf "Id=docker.service\\nLoadState=loaded\\n";;'
        ' *ActiveState*docker*) printf "LoadState=loaded\\nActiveState=active\\n'
        'DropInPaths=/etc/systemd/system/docker.service.d/10-nvidia-runtime.conf\\n";; esac',
    )
    config = state(allow_restart=False, kubeconfig="")
    message = "docker must be restarted: run the action reconcile"
    out = context.run(context.on.config_changed(), config)
    assert out.unit_status == testing.WaitingStatus(message)

    out = context.run(context.on.action("reconcile"), config)
    assert out.unit_status == ACTIVE
    assert context.action_results == {"status": "active", "message": ACTIVE.message}


def test_action_reconcile_fails_when_the_unit_is_blocked(context: testing.Context[Any]) -> None:
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("reconcile"), state(driver="?"))

    assert raised.value.message.startswith("driver is '?'")
    assert (context.action_results or {})["status"] == "blocked"


def test_verify_runs_the_container_of_its_parameters(
    context: testing.Context[Any], lab: Lab
) -> None:
    context.run(context.on.install(), state(kubeconfig=""))
    params = {"image": "img:1"}
    context.run(context.on.action("verify", params=params), state(kubeconfig=""))

    assert lab.ran("docker")[-1] == "run --rm --runtime nvidia img:1 nvidia-smi -L"
    assert (context.action_results or {})["ok"] == "true"


def test_verify_reports_bad_options(context: testing.Context[Any]) -> None:
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("verify"), state(driver="?"))

    assert raised.value.message.startswith("driver is '?'")


@pytest.mark.parametrize("drain", [None, True])
def test_requested_reboot_is_carried_out_once(
    context: testing.Context[Any], lab: Lab, monkeypatch: pytest.MonkeyPatch, drain: bool | None
) -> None:
    """The next hook reboots; the hook after the boot sets the machine up."""
    lab.write(BOOT_ID, "one\n")
    lab.write("/root/.kube/config", "x")
    kubectl: list[list[str]] = []
    monkeypatch.setattr(Node, "_kubectl", lambda _, words: kubectl.append(words) or "")
    params = {} if drain is None else {"drain": drain}
    context.run(context.on.action("reboot-node", params=params), state(kubeconfig=""))
    assert context.action_results == {"result": "the next hook reboots the machine"}
    request = json.loads(lab.read(REQUEST) or "")
    assert request == {"boot": "one", "drain": bool(drain), "drained": False}

    out = context.run(context.on.update_status(), state(kubeconfig=""))
    assert out.unit_status == testing.WaitingStatus(
        "rebooting, as requested by the action reboot-node"
    )
    assert lab.ran("juju-reboot") == [""]
    assert lab.read("/etc/docker/daemon.json") is None

    lab.write(BOOT_ID, "two\n")
    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE
    assert lab.ran("juju-reboot") == [""]
    assert lab.read(REQUEST) is None
    assert [words[0] for words in kubectl] == (["drain", "drain", "uncordon"] if drain else [])


def test_reboot_that_juju_refuses_does_not_stop_the_hook(
    context: testing.Context[Any], lab: Lab
) -> None:
    lab.set_program("juju-reboot", "exit 1")
    context.run(context.on.action("reboot-node"), state(kubeconfig=""))

    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE


def test_node_that_cannot_be_drained_is_not_rebooted(
    context: testing.Context[Any], lab: Lab
) -> None:
    lab.write("/root/.kube/config", "x")
    lab.write("/usr/bin/kubectl", "x")
    context.run(context.on.action("reboot-node", params={"drain": True}), state(kubeconfig=""))
    lab.set_program("kubectl", "echo refused >&2; exit 1")

    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE
    assert lab.ran("juju-reboot") == []
    (message,) = lab.ran("juju-log")
    assert message.startswith("reboot-node waits: kubectl ended with ")


def test_reboot_is_completed_even_if_the_gpu_is_gone(
    context: testing.Context[Any], lab: Lab
) -> None:
    """A GPU that fell off the bus is not back after every reboot; the node must be uncordoned."""
    lab.write(BOOT_ID, "two\n")
    lab.write(REQUEST, json.dumps({"boot": "one", "drain": False}))
    lab.write("/sys/bus/pci/devices/0000:0b:00.0/vendor", "0x1002\n")

    out = context.run(context.on.start(), state(kubeconfig=""))
    assert out.unit_status == testing.ActiveStatus("no GPU on this machine")
    assert lab.read(REQUEST) is None


def test_reboot_that_was_to_drain_waits_for_the_kubeconfig(
    context: testing.Context[Any], lab: Lab
) -> None:
    """The action refuses it, and a kubeconfig that is gone later lets the reboot wait."""
    with pytest.raises(testing.ActionFailed, match="run reboot-node drain=false"):
        context.run(context.on.action("reboot-node", params={"drain": True}), state(kubeconfig=""))
    assert lab.read(REQUEST) is None

    lab.write(REQUEST, json.dumps({"boot": "", "drain": True, "drained": False}))
    assert context.run(context.on.start(), state(kubeconfig="")).unit_status == ACTIVE
    assert lab.ran("juju-reboot") == []
    (message,) = lab.ran("juju-log")
    assert message.startswith("reboot-node waits: the node cannot be drained")


@pytest.mark.parametrize(
    ("action", "function"),
    [
        ("list-gpus", "nvidia_runtime.gpu_host.find_gpus"),
        ("verify", "nvidia_runtime.verify._check_toolkit"),
        ("verify", "nvidia_runtime.verify._check_engine"),
        ("reboot-node", "nvidia_runtime.host.reboot._write"),
    ],
)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device", "/a"), BlockedError("no")], ids=repr
)
def test_failure_of_the_machine_fails_the_action(
    context: testing.Context[Any],
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    function: str,
    error: Exception,
) -> None:
    """Not with a traceback: a disk is full, or a PCI device vanishes while it is read."""

    def fail(*_: object) -> None:
        raise error

    context.run(context.on.install(), state(kubeconfig=""))
    monkeypatch.setattr(function, fail)
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action(action), state(kubeconfig=""))
    assert raised.value.message in ("/a: No space left on device", "no")
