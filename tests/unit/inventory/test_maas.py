"""A site file that `botlab init --maas` writes from a MAAS dump."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from helpers.maas_dump import maas_machine

Captured = pytest.CaptureFixture[str]


def init_site(directory: Path, machines: list[dict[str, Any]]) -> Path:
    """Write a site file for the machines of a dump, and return its path."""
    dump, site = directory / "machines.json", directory / "lab.yaml"
    dump.write_text(json.dumps(machines), encoding="utf-8")

    assert main(["init", "lab", "--maas", str(dump), "-o", str(site)]) == 0
    return site


def valid_site_findings(site: Path, capsys: Captured) -> list[dict[str, Any]]:
    """Return the findings of a site file that has no errors."""
    capsys.readouterr()
    assert main(["validate", str(site), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)["findings"]


@pytest.mark.parametrize(
    ("cores", "memory", "constraints", "is_too_small"),
    [
        (2, 4096, "cores=2 mem=4G", True),
        (8, 12288, "cores=8 mem=12G", False),
        (8, 12287, "cores=8 mem=12287M", True),
        (0, 0, "", False),
    ],
)
def test_sizes_in_the_dump_become_constraints_that_rules_check(
    cores: int,
    memory: int,
    constraints: str,
    is_too_small: bool,
    tmp_path: Path,
    capsys: Captured,
) -> None:
    """A worker needs 4 CPUs and 12 GiB. A size that the dump lacks is not checked."""
    machines = [maas_machine(f"m{i}", cpu_count=cores, memory=memory) for i in range(4)]

    site = init_site(tmp_path, machines)

    findings = valid_site_findings(site, capsys)
    paths = [finding["path"] for finding in findings if finding["id"] == "BL077"]
    assert paths == ["machines.m1.constraints"] * is_too_small
    written = yaml.safe_load(site.read_text(encoding="utf-8"))["machines"]["m1"]
    assert written.get("constraints", "") == constraints


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_written_site_file_has_no_errors(count: int, tmp_path: Path, capsys: Captured) -> None:
    """The site file is valid for any number of machines."""
    machines = [maas_machine(f"m{i}", *(["gpu"] if i % 3 == 2 else [])) for i in range(count)]

    site = init_site(tmp_path, machines)

    findings = valid_site_findings(site, capsys)
    assert [finding for finding in findings if finding["severity"] == "error"] == []
    assert "10.5.0.240-10.5.0.250" in site.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", "[1]", '[{"hostname": 3}]', '[{"hostname": "a"}, {"hostname": "a"}]'],
)
def test_file_that_is_not_a_dump_is_refused(text: str, tmp_path: Path, capsys: Captured) -> None:
    """The error names the file, and no site file is written."""
    dump = tmp_path / "machines.json"
    dump.write_text(text, encoding="utf-8")
    site = tmp_path / "lab.yaml"

    assert main(["init", "lab", "--maas", str(dump), "-o", str(site)]) == 2
    assert str(dump) in capsys.readouterr().err
    assert not site.exists()
