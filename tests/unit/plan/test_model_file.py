"""Plans for an existing model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.juju import Juju
from botlab.plan.model_file import ModelFile, read_model

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "examples/botlab/site.yaml"

STATUS = {
    "model": {"name": "m"},
    "machines": {"0": {"containers": {"0/lxd/0": {}}}, "1": {}},
    "applications": {
        "a": {
            "charm": "cs:a-1", "series": "bionic", "exposed": True, "charm-rev": 1,
            "relations": {"db": ["b"], "peer": ["a"]},
            "units": {"a/0": {"machine": "0/lxd/0"}, "a/3": {"machine": "1"}},
        },
        "b": {
            "charm": "b", "base": {"name": "ubuntu", "channel": "22.04"},
            "relations": {"server": [{"related-application": "a", "interface": "x"}]},
            "units": {"b/0": {"machine": "1"}},
        },
    },
}  # fmt: skip


def test_deployed_bundle_needs_no_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """The model is described by the rendered bundle."""
    bundle = str(SITE.parent / "bundle.yaml")

    assert main(["plan", str(SITE), "--model", bundle]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("No changes to apply.\n")


def test_model_of_a_status_has_its_units_relations_and_counters() -> None:
    """Options are not known, because a status does not contain them."""
    model = read_model([ModelFile(json.dumps(STATUS), "s")], Juju.V2_9)

    assert model.relations == {frozenset(("a:db", "b:server"))}
    assert set(model.machines) == {"0", "0/lxd/0", "1"}
    assert model.next_unit("a") == "a/4"
    assert model.next_container("0", "lxd") == "0/lxd/1"
    assert model.applications["b"].platform == "jammy"
    assert model.applications["a"].options is None


@pytest.mark.parametrize("text", ["{", "{}", "[]", "a: 1", ""])
def test_file_that_describes_no_model_is_an_error(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the two forms, or the fault in the JSON."""
    path = tmp_path / "m"
    path.write_text(text, encoding="utf-8")

    assert main(["plan", str(SITE), "--model", str(path)]) == 2
    error = capsys.readouterr().err
    assert ("is not valid JSON" if text == "{" else "juju status") in error
