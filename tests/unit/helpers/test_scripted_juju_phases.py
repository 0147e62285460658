"""The model of the scripted juju client changes along its script."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from helpers.scripted_juju import (
    Fault,
    ScriptedJuju,
    application_fields,
    fault_begins,
    machine_down,
    machine_removed,
    machine_started,
    machine_status,
    unit_error,
    unit_fields,
    unit_status,
)
from helpers.scripted_sites import deployed, write_site


def status(juju: ScriptedJuju) -> Any:
    """Return the status document."""
    done = juju.run("status", "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def server_0(juju: ScriptedJuju) -> tuple[str, str, str]:
    """Return workload, message and agent of `server/0`."""
    unit = status(juju)["applications"]["server"]["units"]["server/0"]
    workload = unit["workload-status"]
    return workload["current"], workload.get("message", ""), unit["juju-status"]["current"]


def deploy_with_progress(tmp_path: Path, **progress: Any) -> ScriptedJuju:
    """Return a scripted client whose lab was just deployed."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    juju.set_progress(**progress)
    juju.deploy(write_site(juju))
    return juju


def test_deployed_model_comes_up_in_four_stages(tmp_path: Path) -> None:
    """Each stage lasts for the given number of status calls; the end can differ by application."""
    ends = {"server": ("blocked", "no licence"), "server/1": ("error", 'hook failed: "start"')}
    juju = deploy_with_progress(tmp_path, status_calls=2, ends=ends)

    seen_states = [server_0(juju) for _ in range(9)]

    stages = [
        ("waiting", "waiting for machine", "allocating"),
        ("waiting", "installing agent", "allocating"),
        ("maintenance", "installing charm", "executing"),
        ("waiting", "waiting for relations", "idle"),
    ]
    assert seen_states == [stage for stage in stages for _ in range(2)] + [
        ("blocked", "no licence", "idle")
    ]
    units = status(juju)["applications"]["server"]["units"]
    assert units["server/1"]["workload-status"]["current"] == "error"


def test_machines_start_before_charms_are_installed(tmp_path: Path) -> None:
    """A machine that is not started has no address and no hardware."""
    juju = deploy_with_progress(tmp_path)

    before, after = (status(juju)["machines"]["0"] for _ in range(2))

    assert (before["juju-status"]["current"], before["instance-id"]) == ("pending", "pending")
    assert "dns-name" not in before
    assert (after["juju-status"]["current"], after["dns-name"]) == ("started", "192.0.2.10")
    assert after["hardware"] == "arch=amd64 cores=8 mem=65536M availability-zone=default"


def test_model_without_progress_stays_as_deployed(tmp_path: Path) -> None:
    """The test itself then says what happens."""
    juju = deploy_with_progress(tmp_path, status_calls=None)

    states = {server_0(juju) for _ in range(6)}
    juju.change(machine_started("*"), unit_status("server/0", "active", "Ready", agent="idle"))

    assert states == {("waiting", "waiting for machine", "allocating")}
    assert server_0(juju) == ("active", "Ready", "idle")


def test_change_after_status_calls_counts_only_status(tmp_path: Path) -> None:
    """Two more calls still see the old state; other commands do not count."""
    juju = deployed(tmp_path, "3.6")
    juju.after_status_calls(2, unit_error("server/0", "config-changed"))
    juju.run("machines")

    states = [server_0(juju)[:2] for _ in range(3)]

    assert states == [
        ("active", "Ready"),
        ("active", "Ready"),
        ("error", 'hook failed: "config-changed"'),
    ]


def test_change_after_seconds(tmp_path: Path) -> None:
    """The first call after the time sees the change."""
    juju = deployed(tmp_path, "3.6")
    juju.after_seconds(2.5, unit_status("server/*", "waiting", "later"))

    before = server_0(juju)
    time.sleep(2.5)

    assert (before[0], server_0(juju)[:2]) == ("active", ("waiting", "later"))


def test_machines_can_go_down_fail_and_disappear(tmp_path: Path) -> None:
    """A status without a message drops the old message."""
    juju = deployed(tmp_path, "3.6")
    juju.change(
        machine_down("0"),
        machine_status("1/lxd/0", instance="provisioning error", instance_message="no image"),
    )
    machines = status(juju)["machines"]
    juju.change(machine_removed("0"))

    assert machines["0"]["juju-status"]["message"] == "agent is not communicating with the server"
    assert machines["0"]["juju-status"]["version"] == "3.6.26"
    container = machines["1"]["containers"]["1/lxd/0"]
    assert container["machine-status"]["current"] == "provisioning error"
    assert container["machine-status"]["message"] == "no image"
    assert list(status(juju)["machines"]) == ["1"]


def test_fields_of_units_and_applications(tmp_path: Path) -> None:
    """What no command sets: ports and the version of the workload."""
    juju = deployed(tmp_path, "3.6")
    juju.change(
        unit_fields("server/0", open_ports=["80/tcp"]), application_fields("server", version="1.2")
    )

    application = status(juju)["applications"]["server"]

    assert application["version"] == "1.2"
    assert application["units"]["server/0"]["open-ports"] == ["80/tcp"]


def test_failure_can_begin_while_the_product_waits(tmp_path: Path) -> None:
    """The call that lets the failure begin meets it already."""
    juju = deployed(tmp_path, "3.6")
    lost = Fault.connection_refused("status").for_calls(2)
    juju.after_status_calls(1, fault_begins(lost))

    codes = [juju.run("status").returncode for _ in range(4)]

    assert codes == [0, 1, 1, 0]


def test_statuses_are_in_the_log_of_the_unit(tmp_path: Path) -> None:
    """Workload and agent, the oldest first."""
    juju = deployed(tmp_path, "3.6", clock="2026-11-20T10:30:00Z")
    juju.change(unit_error("server/0"))

    done = juju.run("show-status-log", "server/0", "--format", "json", "-n", "2")

    assert json.loads(done.stdout) == [
        {
            "status": "error",
            "message": 'hook failed: "install"',
            "since": "2026-11-20T10:30:00Z",
            "type": "workload",
        },
        {"status": "idle", "since": "2026-11-20T10:30:00Z", "type": "juju-unit"},
    ]


def test_resolved_unit_continues(tmp_path: Path) -> None:
    """A unit that is not in an error cannot be resolved."""
    juju = deployed(tmp_path, "3.6")
    refused = juju.run("resolved", "server/0")
    juju.change(unit_error("server/0"))

    taken = juju.run("resolve", "server/0")

    assert refused.stderr == 'ERROR unit "server/0" is not in an error state\n'
    assert (taken.returncode, server_0(juju)[0]) == (0, "maintenance")
