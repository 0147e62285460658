"""``botlab plan`` as an administrator runs it: what it refuses, and what it refuses first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main
from helpers.rule_pages import example_site

Captured = pytest.CaptureFixture[str]

TWO_MACHINES = """
applications: {a: {charm: a, num_units: 2, to: ["0", "1"]}}
machines: {"0": {}, "1": {}}
"""
# The model has both units, but on one machine.
MODEL = {
    "model": {"name": "m"},
    "machines": {"7": {}, "8": {}, "9": {}},
    "applications": {
        "a": {"charm": "a", "units": {"a/0": {"machine": "7"}, "a/1": {"machine": "7"}}}
    },
}
INCONSISTENT = (
    "bundle and machine mapping are inconsistent: need an explicit entry mapping bundle"
    ' machine "1", perhaps to one of model machines ["8", "9"] - the target should host [a]'
)


def written(directory: Path, text: str) -> str:
    """Write a bundle, and return its path."""
    path = directory / "bundle.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def unmapped(directory: Path) -> list[str]:
    """Write a bundle and a model whose machines do not fit, and return the command."""
    model = directory / "model.json"
    model.write_text(json.dumps(MODEL), encoding="utf-8")
    options = ["--juju", "2.9", "--model", str(model), "--map-machines", "0=7"]
    return ["plan", written(directory, TWO_MACHINES), *options]


def test_refusal_of_the_planner_names_the_applications(tmp_path: Path, capsys: Captured) -> None:
    """It concerns no single line of the bundle."""
    assert main([*unmapped(tmp_path), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "changes": [],
        "findings": [
            {
                "id": "J080",
                "severity": "error",
                "source": "juju",
                "when": "dry-run",
                "path": "applications",
                "file": str(tmp_path / "bundle.yaml"),
                "line": None,
                "column": None,
                "message": INCONSISTENT,
                "fix": "",
            }
        ],
    }


def test_refusal_goes_to_standard_error_with_the_number_of_refusals(
    tmp_path: Path, capsys: Captured
) -> None:
    """Standard output has the changes alone."""
    assert main(unmapped(tmp_path)) == 1
    captured = capsys.readouterr()
    bundle = tmp_path / "bundle.yaml"
    assert captured.out == ""
    assert captured.err == (
        f"{bundle}: error J080 at applications (message from Juju)\n"
        f"    {INCONSISTENT}\n"
        f"{bundle}: 1 error, 0 warnings\n"
    )


def test_bundle_that_juju_refuses_is_reported_before_the_model_is_read(
    tmp_path: Path, capsys: Captured
) -> None:
    """Juju verifies a bundle before it asks the controller about the model."""
    bundle = written(tmp_path, "applications: {a: {charm: a, constraints: x=1}}")
    command = ["plan", bundle, "--juju", "2.9", "--model"]

    assert main([*command, str(tmp_path / "none.json")]) == 1
    assert 'invalid constraints "x=1" in application "a"' in capsys.readouterr().err
    sound = written(tmp_path, "applications: {a: {charm: a}}")
    assert main(["plan", sound, *command[2:], str(tmp_path / "none.json")]) == 2


def test_plan_of_a_site_ends_with_the_next_commands(tmp_path: Path, capsys: Captured) -> None:
    """With the same files. A bundle, a running model and JSON have none."""
    site, layer = tmp_path / "site.yaml", tmp_path / "layer.yaml"
    site.write_text(example_site(), encoding="utf-8")
    layer.write_text("nfs: {server: node1}\n", encoding="utf-8")
    model = tmp_path / "model.json"
    empty = {"model": {"name": "m"}, "machines": {}, "applications": {}}
    model.write_text(json.dumps(empty), encoding="utf-8")
    command = ["plan", str(site), "--layer", str(layer)]

    assert main(command) == 0
    lines = capsys.readouterr().err.splitlines()
    files = f"{site} --layer {layer}"
    assert lines[-1] == (
        f"next: `botlab deploy {files}`, or `botlab render {files}`, which prints the commands of"
        " juju"
    )
    assert f"; run `botlab validate {files}` to see them" in "".join(lines)

    assert main([*command, "--model", str(model)]) == 0
    assert main([*command, "--format", "json"]) == 0
    assert main(["plan", written(tmp_path, TWO_MACHINES), "--juju", "2.9"]) == 0
    assert "next: " not in capsys.readouterr().err
