"""The moment of a refusal, in text and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main

BUNDLE = "applications: {app-2: {charm: x, channel: stable, revision: -2}}"


def test_text_says_which_messages_appear_half_way_through_the_deployment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others come from the client, in a dry run too."""
    file = tmp_path / "bundle.yaml"
    file.write_text(BUNDLE, encoding="utf-8")

    main(["validate", str(file), "--juju", "3.6"])

    headings = [line for line in capsys.readouterr().out.splitlines() if "(message" in line]
    assert [heading.partition(": error ")[2] for heading in headings] == [
        "J035 at applications.app-2.revision (message from Juju)",
        "J100 at applications.app-2 (message from Juju, half way through the deployment)",
    ]


def test_json_has_the_moment_of_each_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rules of this project have none."""
    file = tmp_path / "bundle.yaml"
    file.write_text(BUNDLE, encoding="utf-8")

    main(["validate", str(file), "--juju", "3.6", "--format", "json"])

    findings = json.loads(capsys.readouterr().out)["findings"]
    moments = {finding["id"]: finding["when"] for finding in findings}
    assert (moments["J035"], moments["J100"]) == ("dry-run", "deploy")
    assert {moments[rule] for rule in moments if rule.startswith("BL")} <= {None}
