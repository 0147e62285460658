"""``botlab validate --maas``: the command line, and what it prints about MAAS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main
from helpers.maas_dump import maas_machine
from helpers.rule_pages import example_site

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the example site, and write the machines of MAAS beside it."""
    path = tmp_path / "site.yaml"
    path.write_text(example_site())
    machines = [maas_machine(f"node{n}", f"node{n}", ip_addresses=[]) for n in range(3)]
    (tmp_path / "machines.json").write_text(json.dumps(machines))
    return path


def test_findings_have_the_line_of_the_site(site: Path, capsys: Captured) -> None:
    """And the unknown ranges are noted once, on standard error."""
    maas = site.with_name("machines.json")

    assert main(["validate", str(site), "--maas", str(maas)]) == 1
    output = capsys.readouterr()
    line = (
        example_site()
        .splitlines()
        .index("  node3: {tags: [node3], roles: [load-balancer], addresses: [10.0.0.13]}")
    )
    assert f"{site}:{line + 1}: error BL130 at machines.node3.tags" in output.out
    assert output.err == (
        f"{site}: the address pools are not compared with the ranges of MAAS; add the output of"
        " `maas PROFILE ipranges read` with --maas FILE\n"
    )


def test_proposed_site_before_its_script_ran_has_one_error_to_read(
    tmp_path: Path, capsys: Captured
) -> None:
    """And none after it."""
    site, dump, script = tmp_path / "lab.yaml", tmp_path / "m.json", tmp_path / "tags.sh"
    machines = [maas_machine(f"gpu{n}", "gpu", ip_addresses=[]) for n in range(5)]
    dump.write_text(json.dumps(machines))
    options = ["--maas", str(dump), "--profile", "canonical-k8s"]
    assert main(["init", "lab", *options, "-o", str(site), "--tag-script", str(script)]) == 0
    capsys.readouterr()

    assert main(["validate", str(site), "--maas", str(dump)]) == 1
    output = capsys.readouterr().out
    assert output.count("BL130") == 1
    assert "BL130 at machines.gpu0.tags and 4 more keys\n" in output
    assert output.count("sh tags.sh PROFILE") == 1

    lines = script.read_text(encoding="utf-8").splitlines()
    tags = {line.split()[1]: line.split()[2] for line in lines if line.startswith("pin gpu")}
    for entry in machines:
        entry["tag_names"] = ["gpu", tags[entry["hostname"]]]
    dump.write_text(json.dumps(machines))
    assert main(["validate", str(site), "--maas", str(dump)]) == 0


def test_ranges_of_a_further_file_are_compared(site: Path, capsys: Captured) -> None:
    """An empty list is recognised by the name of its file, and means that MAAS has no ranges."""
    ranges = site.with_name("ipranges.json")
    ranges.write_text("[]")
    maas = site.with_name("machines.json")

    main(["validate", str(site), "--maas", str(maas), "--maas", str(ranges), "--format", "json"])
    output = capsys.readouterr()
    assert output.err == ""
    assert "BL130" in {finding["id"] for finding in json.loads(output.out)["findings"]}


def test_bundle_is_not_compared_with_maas(site: Path, capsys: Captured) -> None:
    bundle = site.with_name("bundle.yaml")
    bundle.write_text("applications: {a: {charm: a}}\n")
    maas = site.with_name("machines.json")

    assert main(["validate", str(bundle), "--juju", "3.6", "--maas", str(maas)]) == 2
    assert "is a bundle, but --maas needs a site" in capsys.readouterr().err


def test_file_that_is_no_answer_of_maas_is_refused(site: Path, capsys: Captured) -> None:
    assert main(["validate", str(site), "--maas", str(site)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"botlab: {site}: is not valid JSON")
