"""The rule about trusted applications, and the plans of such bundles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from botlab.cli import main
from botlab.findings import Severity
from botlab.juju import Juju
from helpers.assessments import bundle_findings, of_rule, paths_of

GATEWAY = {
    "bundle": "kubernetes",
    "applications": {
        "a": {
            "charm": "istio-pilot", "channel": "1.24/stable", "revision": 100, "scale": 1,
            "trust": True,
        }
    },
}  # fmt: skip
# Two applications: one has the key, the other one the option.
CLOUD = {
    "applications": {
        "web": {"charm": "web", "num_units": 1, "options": {"trust": True}},
        "db": {"charm": "db", "num_units": 1, "trust": True},
        "cache": {"charm": "cache", "num_units": 1, "options": {"trust": "true"}},
    }
}
REFUSAL = """\
    Bundle cannot be deployed without trusting applications with your cloud credentials.
    Please repeat the deploy command with the --trust argument if you consent to trust the following application(s):
"""  # noqa: E501 - Juju's own text


@pytest.mark.parametrize(
    ("bundle", "paths"),
    [
        (GATEWAY, ["applications.a.trust"]),
        (CLOUD, ["applications.db.trust", "applications.web.options.trust"]),
    ],
)
def test_trusted_application_is_a_warning(bundle: dict[str, object], paths: list[str]) -> None:
    """Whether the command will have --trust is not known."""
    findings = bundle_findings(bundle, Juju.V3_6)

    assert paths_of(findings, "BL095") == paths
    assert {finding.severity for finding in of_rule(findings, "BL095")} == {Severity.WARNING}


@pytest.mark.parametrize("juju", ["2.6", "2.9", "3.6", "4.0"])
@pytest.mark.parametrize(("bundle", "names"), [(GATEWAY, ["a"]), (CLOUD, ["db", "web"])])
def test_plan_refuses_a_trusted_application_in_jujus_own_words(
    juju: str,
    bundle: dict[str, object],
    names: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With --trust there is a plan."""
    if juju == "2.6":
        text = yaml.safe_dump(bundle).replace("charm: ", "charm: cs:")
    else:
        text = yaml.safe_dump(bundle)
    path = tmp_path / "bundle.yaml"
    path.write_text(text)

    assert main(["plan", str(path), "--juju", juju]) == 1
    captured = capsys.readouterr()
    lines = "".join(f"      - {name}\n" for name in names)
    assert captured.out == ""
    assert REFUSAL + lines + "    fix: add --trust" in captured.err
    assert main(["plan", str(path), "--juju", juju, "--trust"]) == 0
    assert capsys.readouterr().out.startswith("Changes to deploy bundle:\n- upload charm ")


@pytest.mark.parametrize(
    ("juju", "application", "words"),
    [
        (
            "2.6",
            "{charm: cs:web, trust: true, num_units: -1}",
            "Bundle cannot be deployed without",
        ),
        ("2.9", "{charm: web, trust: true, num_units: -1}", "negative number of units"),
        ("3.6", "{charm: web, trust: true, series: warty}", "Bundle cannot be deployed without"),
        (
            "4.0",
            "{charm: web, trust: true, channel: a/b/c/d}",
            "Bundle cannot be deployed without",
        ),
    ],
)
def test_trust_is_checked_when_juju_checks_it(
    juju: str, application: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2.6 does so before it verifies the bundle, and later releases before they ask the store."""
    path = tmp_path / "bundle.yaml"
    path.write_text(f"applications: {{a: {application}}}\n")

    assert main(["plan", str(path), "--juju", juju]) == 1
    assert words in capsys.readouterr().err.splitlines()[1]


def test_juju_2_6_asks_for_trust_before_it_reads_overlays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Later releases also ask about the applications of overlays."""
    path, overlay = tmp_path / "bundle.yaml", tmp_path / "overlay.yaml"
    path.write_text("applications: {a: {charm: cs:b}}")
    overlay.write_text("applications: {c: {charm: cs:d, trust: true}}")
    arguments = ["plan", str(path), f"--overlay={overlay}", "--format=json"]

    assert main([*arguments, "--juju", "2.6"]) == 0
    capsys.readouterr()
    assert main([*arguments, "--juju", "2.9"]) == 1
    message = json.loads(capsys.readouterr().out)["findings"][0]["message"]
    assert message.endswith("\n  - c")
