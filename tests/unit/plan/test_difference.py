"""The differences of two bundles, and the commands that they make necessary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.bundle.model import Bundle
from botlab.bundle.parse import BundleSource, parse_bundle
from botlab.cli import main
from botlab.juju import Juju
from botlab.plan.difference import difference

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / "examples/botlab/bundle.yaml"

OLD = """
applications:
  a: {charm: "cs:a-1", num_units: 2, to: ["0", "1"], expose: true, options: {x: 1, password: p}}
  b: {charm: "cs:b-1", num_units: 1, to: ["1"]}
  sub: {charm: "cs:sub-1"}
machines: {"0": {}, "1": {}}
relations: [["a:one", "b:two"], ["a:juju-info", "sub:host"]]
"""
NEW = """
applications:
  a: {charm: "cs:a-2", num_units: 2, to: ["0", "lxd:0"], options: {password: q}}
  b: {charm: "cs:b-1", num_units: 1, to: ["0"]}
machines: {"0": {}}
"""


def read_bundle(text: str) -> Bundle:
    """Return the bundle of a text."""
    return parse_bundle(BundleSource(text, "t", ""), Juju.V2_9).bundle


def test_removals_become_commands_that_can_succeed_in_their_order() -> None:
    """Units are added before other units are removed, and machines are removed last."""
    commands = difference(read_bundle(OLD), read_bundle(NEW), Juju.V2_9).commands

    assert [command.command for command in commands] == [
        "juju config a --reset x",
        "juju unexpose a",
        "juju add-unit a --to lxd:0",
        "juju add-unit b --to 0",
        "juju remove-relation a:one b:two",
        "juju remove-unit a/1",
        "juju remove-unit b/0",
        "juju remove-application sub",
        "juju remove-machine 1",
    ]


def test_values_of_secret_options_are_not_shown() -> None:
    """Only that such an option changed."""
    text = "\n".join(difference(read_bundle(OLD), read_bundle(NEW), Juju.V2_9).lines())

    assert "options.password (not shown) -> (not shown)" in text
    assert "application a: charm cs:a-1 -> cs:a-2" in text


def test_site_does_not_differ_from_its_rendered_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    """The command renders the site before it compares."""
    assert main(["diff", str(ROOT / "examples/botlab/site.yaml"), str(BUNDLE)]) == 0
    assert capsys.readouterr().out == "No differences.\n"


def test_two_bundles_need_a_juju_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bundles do not name one. With it, the JSON lists all kinds of entries."""
    old = tmp_path / "old.yaml"
    old.write_text(OLD, encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(NEW, encoding="utf-8")

    assert main(["diff", str(old), str(new)]) == 2
    assert "--juju" in capsys.readouterr().err
    assert main(["diff", str(old), str(new), "--juju", "2.9", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {entry["name"] for entry in report["removed"]} == {
        "sub",
        "1",
        "a:one b:two",
        "a:juju-info sub:host",
    }
