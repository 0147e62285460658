"""``botlab diff`` of two sites or bundles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/modern"
Captured = pytest.CaptureFixture[str]


def changed_site(directory: Path) -> str:
    """Write the example's site with another pool of addresses, and return its path."""
    site = directory / "site.yaml"
    text = (EXAMPLE / "site.yaml").read_text("utf-8")
    assert "hostname: kubeflow.lab.example" in text
    site.write_text(text.replace("hostname: kubeflow.lab.example", "hostname: flow.lab.example"))
    return str(site)


def test_sites_name_the_juju_release(tmp_path: Path, capsys: Captured) -> None:
    old, new = str(EXAMPLE / "site.yaml"), changed_site(tmp_path)

    assert main(["diff", old, new]) == 0

    assert capsys.readouterr().out == (
        "changed:\n"
        "  application kubeflow-installer: options.hostname kubeflow.lab.example ->"
        " flow.lab.example\n"
    )
    assert main(["diff", old, new, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"][0]["new"] == "flow.lab.example"


def test_release_of_the_old_site_is_used_for_a_new_bundle(capsys: Captured) -> None:
    assert main(["diff", str(EXAMPLE / "site.yaml"), str(EXAMPLE / "bundle.yaml")]) == 0
    assert capsys.readouterr().out == "No differences.\n"


def test_bundles_need_the_juju_release(capsys: Captured) -> None:
    bundle = str(EXAMPLE / "bundle.yaml")

    assert main(["diff", bundle, bundle]) == 2
    assert capsys.readouterr().err == (
        "botlab: bundles do not name a Juju release; add --juju 2.6, 2.9, 3.6 or 4.0\n"
    )
    assert main(["diff", bundle, bundle, "--juju", "3.6"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.yaml"], "NEW is missing; name the site or bundle to deploy, or add --live"),
        (
            ["a.yaml", "b.yaml", "--live"],
            "b.yaml: --live compares one site with the model; name one file",
        ),
        (
            ["a.yaml", "b.yaml", "--layer", "c.yaml"],
            "--layer and --overlay need --live; render the sites to compare them",
        ),
    ],
)
def test_arguments_must_fit(arguments: list[str], message: str, capsys: Captured) -> None:
    assert main(["diff", *arguments]) == 2
    assert capsys.readouterr().err == f"botlab: {message}\n"
