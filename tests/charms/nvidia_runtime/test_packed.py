"""The packed archives as Juju runs them: real processes, hook tools, every age of Juju."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.archives import archive_in
from helpers.gpu_machine import make_gpu_machine
from helpers.gpu_unit import Age, GpuUnit

HOOKS = (
    "install", "juju-info-relation-joined", "config-changed", "start", "update-status",
    "upgrade-charm",
)  # fmt: skip
AGES = [
    Age("bionic-focal", "3.6", "2.6"),
    Age("bionic-focal", "3.6", "2.8"),
    Age("bionic-focal", "3.6", "2.9"),
    Age("bionic-focal", "3.8", "2.9"),
    Age("jammy-noble", "3.10", "2.9"),
    Age("jammy-noble", "3.12", "3.6"),
    Age("jammy-noble", "3.12", "4.0"),
    Age("jammy-noble", "3.13", "4.0"),
]
# Behaviour that does not differ by age is tested with the oldest and one of the newest.
OLDEST_AND_NEWEST = pytest.mark.parametrize(
    "unit", [AGES[0], AGES[6]], indirect=True, ids=["old", "new"]
)


@pytest.fixture(params=AGES, ids=str)
def unit(request: pytest.FixtureRequest, archives: Path, tmp_path: Path) -> GpuUnit:
    """Unpack the charm of an age on an empty machine."""
    age: Age = request.param
    return GpuUnit(archive_in(archives, "nvidia-runtime", age.platform), age, tmp_path)


def test_unit_without_a_gpu_writes_nothing(unit: GpuUnit) -> None:
    """Every hook succeeds, and removal has nothing to restore."""
    unit.run(*HOOKS, "stop", "remove")

    assert unit.juju.status() == "active: no GPU on this machine"
    assert not unit.root.exists()
    assert unit.action("list-gpus")["results"] == {"gpus": "[]", "count": "0"}


def test_runtime_is_registered_verified_and_removed(unit: GpuUnit) -> None:
    """The life of a unit on a machine with a GPU."""
    make_gpu_machine(unit.root)
    unit.run(*HOOKS)

    assert (
        unit.juju.status()
        == "active: 1 GPU, driver not checked, nvidia is the default runtime of docker"
    )
    daemon = json.loads((unit.root / "etc/docker/daemon.json").read_text())
    assert daemon == {
        "runtimes": {"nvidia": {"path": "/usr/bin/nvidia-container-runtime", "runtimeArgs": []}},
        "default-runtime": "nvidia",
    }
    results = unit.action("verify")["results"]
    assert results["ok"] == "true", results
    assert set(json.loads(results["checks"])[0]) == {"name", "ok", "message"}
    (gpu,) = json.loads(unit.action("list-gpus")["results"]["gpus"])
    assert (gpu["device"], gpu["use"]) == ("0x1eb8", "plain")
    assert set(gpu) == {"address", "device", "kind", "driver", "use"}

    unit.run("stop", "remove")
    assert not (unit.root / "etc/docker/daemon.json").exists()
    assert not (unit.root / "etc/systemd/system/docker.service.d").exists()
    assert not (unit.root / "var/lib/nvidia-runtime").exists()


@OLDEST_AND_NEWEST
def test_unchanged_machine_is_not_written_to(unit: GpuUnit) -> None:
    """Three hooks write no file, and restart and install nothing."""
    make_gpu_machine(unit.root)
    unit.run(*HOOKS)
    before = {path: path.stat().st_mtime_ns for path in unit.root.rglob("*")}
    unit.changing_commands()
    unit.run("config-changed", "update-status", "update-status")

    assert {path: path.stat().st_mtime_ns for path in unit.root.rglob("*")} == before
    assert unit.changing_commands() == []


@OLDEST_AND_NEWEST
def test_bad_options_block_before_anything_is_touched(unit: GpuUnit) -> None:
    """The status names the first one."""
    make_gpu_machine(unit.root)
    unit.juju.configure({"driver": "!", "toolkit": "shop"})
    unit.run("install", "config-changed")

    assert unit.juju.status().startswith("blocked: driver is '!'")
    assert unit.juju.status().endswith("... (run verify)")
    assert not (unit.root / "etc/docker").exists()


@OLDEST_AND_NEWEST
def test_next_hook_carries_out_a_requested_reboot(unit: GpuUnit) -> None:
    """An action may not reboot. After the boot the request is removed."""
    make_gpu_machine(unit.root)
    boot_id = unit.root / "proc/sys/kernel/random/boot_id"
    boot_id.parent.mkdir(parents=True)
    boot_id.write_text("one\n")
    unit.run("install")
    unit.action("reboot-node")
    assert unit.juju.get("reboot") is None

    unit.run("update-status")
    assert unit.juju.get("reboot") == {"now": False}
    assert unit.juju.status() == "waiting: rebooting, as requested by the action reboot-node"

    boot_id.write_text("two\n")
    assert unit.run("start").startswith("active")
