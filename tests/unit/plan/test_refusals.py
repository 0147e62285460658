"""Which of several refusals Juju's client meets first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main
from helpers.juju_records import pack_charm


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a directory with a charm without a manifest, which Juju 4 does not plan."""
    pack_charm(tmp_path / "old.charm", {"name": "old"})
    return tmp_path


def refusals(site: Path, text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the messages of a plan for Juju 4.0."""
    (site / "bundle.yaml").write_text(text)
    assert main(["plan", str(site / "bundle.yaml"), "--juju=4.0", "--format=json"]) == 1
    findings = json.loads(capsys.readouterr().out).get("findings", ())
    return [finding["message"].partition("\n")[0] for finding in findings]


def test_charm_without_manifest_comes_after_verification_and_trust(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Juju reads the charm when it plans."""
    charm = "charm: ./old.charm"
    unverified = refusals(site, f"applications: {{a: {{{charm}, constraints: x=1}}}}", capsys)
    untrusted = refusals(site, f"applications: {{a: {{{charm}, trust: true}}}}", capsys)

    assert unverified == ['invalid constraints "x=1" in application "a": unknown constraint "x"']
    assert [message[:38] for message in untrusted] == ["Bundle cannot be deployed without trus"]
    assert refusals(site, f"applications: {{a: {{{charm}}}}}", capsys) == [
        "charm without manifest not valid"
    ]


def test_base_of_an_application_comes_before_a_charm_without_manifest(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The client verifies it; only the base of a machine is read by the planner."""
    base = "base: ubuntu@22.04/stable/fix"
    text = f"applications: {{a: {{charm: ./old.charm}}, b: {{charm: etcd, {base}}}}}"

    assert refusals(site, text, capsys) == [
        'channel is malformed and has too many components "22.04/stable/fix"'
    ]


@pytest.mark.parametrize(
    ("rest", "later"),
    [
        ("saas: {remote: null}", "saas.remote: Juju's client crashes"),
        ('machines: {"0": {base: ubuntu@22.04/stable/fix}}', "channel is malformed and has too"),
    ],
)
def test_charm_without_manifest_comes_before_machines_and_offers_of_other_models(
    rest: str, later: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The planner reads applications first."""
    text = 'applications: {{a: {{charm: {}, num_units: 1, to: ["{}"]}}}}\n{}\n'
    target = "0" if "machines" in rest else "new"

    first = refusals(site, text.format("./old.charm", target, rest), capsys)
    assert first == ["charm without manifest not valid"]
    alone = refusals(site, text.format("etcd", target, rest), capsys)
    assert [message.startswith(later) for message in alone] == [True]
