"""Findings that a site ignores."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.assessment import Assessment
from botlab.cli import main
from botlab.findings import path_text
from helpers.assessments import assess_layer

# With it, the example site has an even number of etcd units (BL020).
EVEN = "machines: {node2: {roles: [worker]}}\n"


def assessment(directory: Path, layer: str, *, is_valid: bool = True) -> Assessment:
    """Assess the example site with two etcd units and a layer."""
    return assess_layer(directory, f"{EVEN}{layer}", is_valid=is_valid)


def test_ignored_rule_is_not_reported_but_counted(tmp_path: Path) -> None:
    """The other rules are reported."""
    before = {finding.id for finding in assessment(tmp_path, "").findings}
    after = assessment(tmp_path, "ignore: {BL020: only a test lab}")

    assert "BL020" in before
    assert {finding.id for finding in after.findings} == before - {"BL020"}
    assert {finding.id for finding in after.ignored} == {"BL020", "BL119"}


def test_site_with_an_ignored_error_is_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The administrator knows the lab better."""
    assessment(tmp_path, "").findings  # noqa: B018 - writes the site
    layer = tmp_path / "layer.yaml"
    layer.write_text("machines: {node2: {roles: [etcd]}}\n", encoding="utf-8")
    command = ["render", str(tmp_path / "site.yaml"), "--layer", str(layer), "-o", "-"]
    assert main(command) == 1
    assert "BL118" in capsys.readouterr().err

    layer.write_text(f"{layer.read_text('utf-8')}ignore: {{BL118: workers come later}}\n", "utf-8")

    assert main(command) == 0
    assert "kubernetes-master" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("layer", "path", "message"),
    [
        (
            "ignore: {BL999: x}",
            "ignore.BL999",
            "ignore.BL999 is not a rule whose findings can be ignored",
        ),
        (
            "ignore: {BL001: x}",
            "ignore.BL001",
            "ignore.BL001 is not a rule whose findings can be ignored",
        ),
        (
            "ignore: {J021: x}",
            "ignore.J021",
            "ignore has the key 'J021', which is not the id of a rule; write an id such as BL040;"
            " `botlab explain` lists them",
        ),
        (
            "ignore: {BL020: ''}",
            "ignore.BL020",
            "ignore.BL020 is '', which is not a reason; write in one line why the finding does not"
            " matter in this lab",
        ),
    ],
)
def test_only_rules_about_the_lab_are_ignored_and_with_a_reason(
    layer: str, path: str, message: str, tmp_path: Path
) -> None:
    """What Juju refuses, and what is no site file, stays an error."""
    found = assessment(tmp_path, layer, is_valid=False).findings

    assert [
        (path_text(finding.path), finding.message) for finding in found if finding.id == "BL004"
    ] == [(path, message)]
