"""A site file that `botlab init --maas` writes from a MAAS dump."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from helpers.maas_dump import maas_machine
from helpers.maas_releases import RELEASES, answer, ip_range, subnet, two_racks

_HOSTS = [
    maas_machine("m0", "rack"),
    maas_machine("m1", status_name="Deployed"),
    maas_machine("m2", "rack"),
]
# What the stand-in for the maas command prints for each call.
_ANSWERS = f"""
case "$*" in
    "admin machines read") echo '{json.dumps(_HOSTS)}' ;;
    "admin machines read devices=vendor_id=10de") echo '{json.dumps(_HOSTS[2:])}' ;;
    "admin ipranges read" | "admin subnets read") echo '[]' ;;
    *) echo "unexpected call: $*" >&2; exit 2 ;;
esac
"""
Captured = pytest.CaptureFixture[str]


def stand_in(directory: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a program in the place of the maas command."""
    program = directory / "maas"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")


def init_site(directory: Path, machines: list[dict[str, Any]], *arguments: str) -> Path:
    """Write a site file for the machines of a dump, and return its path."""
    dump, site = directory / "machines.json", directory / "lab.yaml"
    dump.write_text(json.dumps(machines), encoding="utf-8")

    assert main(["init", "lab", "--maas", str(dump), "-o", str(site), *arguments]) == 0
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
    """A worker of 2019 needs 4 CPUs and 12 GiB. A size that the dump lacks is not checked."""
    machines = [maas_machine(f"m{i}", cpu_count=cores, memory=memory) for i in range(4)]

    site = init_site(tmp_path, machines, "--juju", "2.9")

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


def test_site_and_script_are_written_for_a_profile_of_the_maas_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A stand-in answers as MAAS does, and as long as it gets the exact arguments."""
    stand_in(tmp_path, monkeypatch, _ANSWERS)
    site, script = tmp_path / "lab.yaml", tmp_path / "tags.sh"
    monkeypatch.chdir(tmp_path)

    arguments = ["init", "lab", "--juju", "3.6", "--maas", "admin", "--tag-script", "tags.sh"]
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert "lab.yaml: written" in output.out
    assert "tags.sh: written; read it, then run: sh tags.sh PROFILE" in output.err
    assert "admin: m1 is left out: Deployed in MAAS" in output.err
    machines = yaml.safe_load(site.read_text())["machines"]
    assert list(machines) == ["m0", "m2"]
    assert machines["m2"]["gpu"] is True
    assert "pin m0 m0 id0" in script.read_text()
    assert "# TODO: 2 machines have no tag" in site.read_text()


def test_maas_command_that_fails_or_is_missing_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["init", "lab", "--maas", "admin"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "botlab: --maas admin: is not a file, and the maas command, which knows profiles, is not"
        " installed; install it with `sudo snap install maas`, or name files with its output"
    )

    stand_in(tmp_path, monkeypatch, "echo \"'admin' is not a valid profile\" >&2; exit 2")
    assert main(["init", "lab", "--maas", "admin"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "maas admin machines read" in line
    assert "'admin' is not a valid profile" in line
    assert not (tmp_path / "lab.yaml").exists()


def test_dump_from_standard_input_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    text = "Success.\nMachine-readable output follows:\n" + json.dumps([maas_machine("m0")])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    assert main(["init", "lab", "--maas", "-", "-o", "-"]) == 0
    assert list(yaml.safe_load(capsys.readouterr().out)["machines"]) == ["m0"]


def test_options_for_machines_need_maas(capsys: Captured) -> None:
    assert main(["init", "lab", "--pool", "a", "--tag-script", "t.sh", "-o", "-"]) == 2
    assert capsys.readouterr().err == (
        "botlab: --pool, --tag-script: need the machines of MAAS; add --maas FILE\n"
    )


def test_existing_script_is_not_replaced_and_no_site_is_written(
    tmp_path: Path, capsys: Captured
) -> None:
    dump, site, script = tmp_path / "m.json", tmp_path / "lab.yaml", tmp_path / "tags.sh"
    dump.write_text(json.dumps([maas_machine("m0")]))
    script.write_text("mine")
    arguments = ["init", "lab", "--maas", str(dump), "-o", str(site), "--tag-script", str(script)]

    assert main(arguments) == 2
    assert "already exists; name another file with --tag-script" in capsys.readouterr().err
    assert (script.read_text(), site.exists()) == ("mine", False)


@pytest.mark.parametrize("release", RELEASES)
def test_forty_machines_in_two_racks_go_to_a_bundle(
    release: str, tmp_path: Path, capsys: Captured
) -> None:
    """From the answers of MAAS to a site without errors, its bundle and its plan."""
    answers = {
        "machines": answer(two_racks(release), on_terminal=True),
        "subnets": answer([subnet(release, vid=100)]),
        "ranges": answer([ip_range(release, "dynamic", "10.5.0.100", "10.5.0.199")]),
    }
    options: list[str] = []
    for name, text in answers.items():
        (tmp_path / name).write_text(text)
        options += ["--maas", str(tmp_path / name)]
    site, script = tmp_path / "lab.yaml", tmp_path / "tags.sh"
    paths = ["-o", str(site), "--tag-script", str(script)]

    assert main(["init", "lab", "--juju", "3.6", *options, *paths]) == 0
    assert [f for f in valid_site_findings(site, capsys) if f["severity"] == "error"] == []
    assert main(["render", str(site)]) == 0
    assert main(["plan", str(site)]) == 0
    bundle = yaml.safe_load((tmp_path / "bundle.yaml").read_text())
    assert len(bundle["machines"]) == 40
    assert bundle["applications"]["kubernetes-control-plane"]["num_units"] == 3
    assert bundle["applications"]["kubernetes-worker"]["num_units"] == 36
    assert script.read_text().count("\npin ") == 40

    # Once the script has run, the site agrees with MAAS, except for the reservation.
    tagged = [{**host, "tag_names": [host["hostname"]]} for host in two_racks(release)]
    (tmp_path / "machines").write_text(answer(tagged))
    capsys.readouterr()
    assert main(["validate", str(site), "--format", "json", *options]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    maas = [f["id"] for f in findings if f["id"].startswith("BL13")]
    assert maas == ["BL139"]


@pytest.mark.parametrize(
    ("site", "script", "message"),
    [
        ("lab.yaml", "none/tags.sh", "tags.sh: cannot be written, because"),
        ("none/lab.yaml", "tags.sh", "lab.yaml: cannot be written, because"),
        (
            "lab.yaml",
            "lab.yaml",
            "lab.yaml: is the site file; name another file with --tag-",
        ),
        ("lab.yaml", "-", "--tag-script -: the script needs a file; name one"),
    ],
)
def test_neither_file_is_written_when_one_of_them_cannot_be(
    site: str,
    script: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """The corrected command can then be run again."""
    monkeypatch.chdir(tmp_path)
    Path("machines.json").write_text(json.dumps(_HOSTS), encoding="utf-8")
    paths = ["-o", site, "--tag-script", script]

    assert main(["init", "lab", "--maas", "machines.json", *paths]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["machines.json"]
