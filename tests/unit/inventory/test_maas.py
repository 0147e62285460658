"""A MAAS dump becomes a site file that verifies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from botlab.inventory.maas import read_machines
from botlab.inventory.proposal import Proposal, propose


def _machine(name: str, *tags: str, **more: Any) -> dict[str, Any]:
    number = int(name[-1]) if name[-1].isdigit() else 0
    address = f"10.5.0.{number + 10}"
    subnet = {"cidr": "10.5.0.0/24", "gateway_ip": "10.5.0.1"}
    return {
        "hostname": name,
        "system_id": f"id{number}",
        "tag_names": list(tags),
        "zone": {"name": "default"},
        "ip_addresses": [address, "fe80::1"],
        "cpu_count": 16,
        "memory": 65536,
        "status_name": "Ready",
        "architecture": "amd64/generic",
        "interface_set": [{"links": [{"subnet": subnet}]}],
        **more,
    }


def _propose(*machines: dict[str, Any]) -> Proposal:
    return propose(read_machines(json.dumps(machines), "m.json"))


def test_roles_gpus_and_pins_come_from_tags() -> None:
    """A role's tag, a GPU's tag, and a tag that no other machine has."""
    found = _propose(
        _machine("m0", "kubernetes-master", "etcd", "easyrsa", "rack"),
        _machine("m1", "Worker", "nvidia-v100", "pin1", "rack"),
    )

    assert [machine.roles for machine in found.machines] == [
        ["easyrsa", "etcd", "control-plane"],
        ["worker"],
    ]
    assert [machine.has_gpu for machine in found.machines] == [False, True]
    assert found.machines[1].tag in {"pin1", "nvidia-v100"}
    assert found.machines[0].commands == found.machines[1].commands == ()
    assert (found.lan, found.gateway, found.notes) == ("10.5.0.0/24", "10.5.0.1", ())


def test_a_missing_pin_is_asked_for() -> None:
    """The commands name the tag and MAAS's own id; a taken name is not taken again."""
    found = _propose(_machine("m1", "rack", "m2"), _machine("m2", "rack", "m2"))

    assert [machine.tag for machine in found.machines] == ["m1", "m2-pin"]
    assert found.machines[1].commands == (
        "maas PROFILE tags create name=m2-pin",
        "maas PROFILE tag update-nodes m2-pin add=id2",
    )


def test_what_cannot_be_used_is_left_out_with_a_note() -> None:
    """Broken machines and foreign architectures; a deployed one stays, with a note."""
    found = _propose(
        _machine("m0"),
        _machine("m1", status_name="Failed testing"),
        _machine("m2", architecture="arm64/generic"),
        _machine("m3", status_name="Deployed"),
    )

    assert [machine.name for machine in found.machines] == ["m0", "m3"]
    assert [note.split()[0] for note in found.notes] == ["m1", "m2", "m3", "no"]


@pytest.mark.parametrize(
    ("cores", "memory", "asked", "small"),
    [
        (2, 4096, "cores=2 mem=4G", True),
        (8, 12288, "cores=8 mem=12G", False),
        (8, 12287, "cores=8 mem=12287M", True),
        (0, 0, "", False),
    ],
)
def test_maas_figures_are_judged(
    cores: int,
    memory: int,
    asked: str,
    small: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A worker of 4 CPUs and 12 GiB is wanted; of what MAAS does not tell nobody knows."""
    dump, site = tmp_path / "machines.json", tmp_path / "lab.yaml"
    machines = [_machine(f"m{i}", cpu_count=cores, memory=memory) for i in range(4)]
    dump.write_text(json.dumps(machines), encoding="utf-8")

    assert main(["init", "lab", "--maas", str(dump), "-o", str(site)]) == 0
    capsys.readouterr()
    assert main(["validate", str(site), "--format", "json"]) == 0

    found = json.loads(capsys.readouterr().out)["findings"]
    struck = [finding["path"] for finding in found if finding["id"] == "BL077"]
    assert struck == ["machines.m1.constraints"] * small
    written = yaml.safe_load(site.read_text(encoding="utf-8"))["machines"]["m1"]
    assert written.get("constraints", "") == asked


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_the_site_file_has_no_errors(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the number of machines, what init writes validates."""
    dump = tmp_path / "machines.json"
    machines = [_machine(f"m{i}", *(["gpu"] if i % 3 == 2 else [])) for i in range(count)]
    dump.write_text(json.dumps(machines), encoding="utf-8")
    site = tmp_path / "lab.yaml"

    assert main(["init", "lab", "--maas", str(dump), "-o", str(site)]) == 0
    capsys.readouterr()
    code = main(["validate", str(site), "--format", "json"])

    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [finding for finding in findings if finding["severity"] == "error"] == []
    assert code == 0
    assert "10.5.0.240-10.5.0.250" in site.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", "[1]", '[{"hostname": 3}]', '[{"hostname": "a"}, {"hostname": "a"}]'],
)
def test_what_is_no_dump_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One error that names the file, and nothing is written."""
    dump = tmp_path / "machines.json"
    dump.write_text(text, encoding="utf-8")
    site = tmp_path / "lab.yaml"

    assert main(["init", "lab", "--maas", str(dump), "-o", str(site)]) == 2
    assert str(dump) in capsys.readouterr().err
    assert not site.exists()
