"""How findings are printed, and the moment of a refusal."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.cli.style import count_text, print_findings
from botlab.findings import Finding, Severity

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


@pytest.mark.parametrize(
    ("errors", "warnings", "text"),
    [
        (0, 0, "0 errors, 0 warnings"),
        (1, 1, "1 error, 1 warning"),
        (2, 3, "2 errors, 3 warnings"),
    ],
)
def test_numbers_of_errors_and_warnings(errors: int, warnings: int, text: str) -> None:
    severities = [Severity.ERROR] * errors + [Severity.WARNING] * warnings

    findings = [Finding("BL001", severity, "lab", (), "", "") for severity in severities]

    assert count_text(findings) == text


def test_finding_about_the_whole_file_is_at_the_top(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("BL001", Severity.ERROR, "lab", (), "the text is empty", "write a site")

    print_findings([finding], "site.yaml", sys.stdout)

    assert capsys.readouterr().out == (
        "site.yaml: error BL001 at the top\n"
        "    the text is empty\n"
        "    fix: write a site\n"
        "site.yaml: 1 error, 0 warnings\n"
    )
