"""The packed archives run as Juju runs them: real processes, hook tools, every age of Juju."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.gpu_machine import TOOLS, with_gpu
from helpers.interpreters import find_python, missing
from helpers.juju.unit import Unit

HOOKS = (
    "install", "juju-info-relation-joined", "config-changed", "start", "update-status",
    "upgrade-charm",
)  # fmt: skip
RELATION = {
    "JUJU_RELATION": "juju-info",
    "JUJU_RELATION_ID": "juju-info:0",
    "JUJU_REMOTE_UNIT": "kubernetes-worker/0",
    "JUJU_REMOTE_APP": "kubernetes-worker",
}
AGES = [
    ("bionic-focal", "3.6", "2.6"),
    ("bionic-focal", "3.6", "2.8"),
    ("bionic-focal", "3.6", "2.9"),
    ("bionic-focal", "3.8", "2.9"),
    ("jammy-noble", "3.10", "2.9"),
    ("jammy-noble", "3.12", "3.6"),
    ("jammy-noble", "3.12", "4.0"),
    ("jammy-noble", "3.13", "4.0"),
]
# What does not differ by age is seen at both ends.
ENDS = pytest.mark.parametrize("unit", [AGES[0], AGES[6]], indirect=True, ids=["old", "new"])
# Programs of the machine; what they are asked is written down.


@pytest.fixture(params=AGES, ids=lambda age: f"{age[0]}-python{age[1]}-juju{age[2]}")
def unit(request: pytest.FixtureRequest, archives: Path, tmp_path: Path) -> Unit:
    """Unpack the charm for one age, on a machine that is a folder."""
    platform, python, juju = request.param
    program = find_python(python)
    if not program:
        pytest.skip(missing(python))
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "python3").symlink_to(program)
    for name, body in TOOLS.items():
        path = bin_folder / name
        text = f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/asked\n{body}\n'
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    environment = {
        "NVIDIA_RUNTIME_ROOT": str(tmp_path / "root"),
        "NVIDIA_RUNTIME_SYSFS": "/sys",
        "PATH": f"{bin_folder}:/usr/bin:/bin",
    }
    found = Unit(str(tmp_path / "unit"), juju=juju, environment=environment)
    found.unpack(str(archives / f"nvidia-runtime_{platform}.charm"), {"driver": "none"})
    relation = {"name": "juju-info", "remote": "kubernetes-worker"}
    found.put("relations", {"juju-info:0": {**relation, "units": {"kubernetes-worker/0": {}}}})
    return found


def run(unit: Unit, *hooks: str) -> None:
    """Run hooks; each must succeed."""
    for hook in hooks:
        code, output = unit.run(hook, RELATION if "relation" in hook else {})
        assert code == 0, (hook, output, unit.log())


def action(unit: Unit, name: str, **params: Any) -> dict[str, Any]:
    """Run an action that must not crash."""
    found = unit.action(name, **params)
    assert found["code"] == 0, (found, unit.log())
    return found


def test_a_life_without_a_gpu(unit: Unit, tmp_path: Path) -> None:
    """Every hook succeeds, nothing is written, and removal has nothing to give back."""
    run(unit, *HOOKS, "stop", "remove")

    assert unit.status() == "active: no GPU here"
    assert not (tmp_path / "root").exists()
    assert action(unit, "list-gpus")["results"] == {"gpus": "[]", "count": "0"}


def test_a_life_with_a_gpu(unit: Unit, tmp_path: Path) -> None:
    """Registered, verified, and given back."""
    root = tmp_path / "root"
    with_gpu(root)
    run(unit, *HOOKS)

    assert unit.status() == "active: 1 GPU(s), nvidia is the default runtime of docker"
    daemon = json.loads((root / "etc/docker/daemon.json").read_text())
    assert daemon == {
        "runtimes": {"nvidia": {"path": "/usr/bin/nvidia-container-runtime", "runtimeArgs": []}},
        "default-runtime": "nvidia",
    }
    verified = action(unit, "verify")["results"]
    assert verified["ok"] == "true", verified
    assert set(json.loads(verified["checks"])[0]) == {"name", "ok", "message"}
    (gpu,) = json.loads(action(unit, "list-gpus")["results"]["gpus"])
    assert (gpu["device"], gpu["use"]) == ("0x1eb8", "plain")

    run(unit, "stop", "remove")
    assert not (root / "etc/docker/daemon.json").exists()
    assert not (root / "etc/systemd/system/docker.service.d").exists()
    assert not (root / "var/lib/nvidia-runtime").exists()


@ENDS
def test_an_unchanged_machine_is_not_written_to(unit: Unit, tmp_path: Path) -> None:
    """No write, no restart, no apt: counted over three hooks."""
    root = tmp_path / "root"
    with_gpu(root)
    run(unit, *HOOKS)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    (tmp_path / "asked").write_text("")
    run(unit, "config-changed", "update-status", "update-status")

    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line for line in asked if not line.startswith(("systemctl show", "docker info"))] == []


@ENDS
def test_bad_options_are_blocked_with_all_of_them(unit: Unit, tmp_path: Path) -> None:
    """Nothing is touched before the options are sound."""
    with_gpu(tmp_path / "root")
    unit.configure({"driver": "!", "toolkit": "shop"})
    run(unit, "install", "config-changed")

    assert unit.status().startswith("blocked: driver is '!'")
    assert "toolkit is 'shop'" in unit.status()
    assert not (tmp_path / "root/etc/docker").exists()


@ENDS
def test_a_reboot_is_done_by_the_next_hook(unit: Unit, tmp_path: Path) -> None:
    """An action may not reboot; the hook after it does, and after the boot it is forgotten."""
    root = tmp_path / "root"
    with_gpu(root)
    boot = root / "proc/sys/kernel/random/boot_id"
    boot.parent.mkdir(parents=True)
    boot.write_text("one\n")
    run(unit, "install")
    action(unit, "reboot-node")
    assert unit.get("reboot") is None

    run(unit, "update-status")
    assert unit.get("reboot") == {"now": False}
    assert unit.status() == "waiting: rebooting, as the action reboot-node asked"

    boot.write_text("two\n")
    run(unit, "start")
    assert unit.status().startswith("active")
