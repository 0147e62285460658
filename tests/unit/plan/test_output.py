"""The lines of a plan that are not changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab import plan
from botlab.assessment import Assessment
from botlab.bundle import BundleSource, parse_bundle
from botlab.cli import main
from botlab.findings import Finding, Severity
from botlab.juju import Juju
from botlab.plan.model import ModelApplication


def located(text: str, juju: Juju, model: plan.Model | None = None) -> list[str]:
    """Return the lines about charms of a store."""
    lines = plan.located(parse_bundle(BundleSource(text), juju).bundle, juju, model)
    assert {line.stream for line in lines} <= {"stderr"}
    return [line.text for line in lines]


STORES = """
applications:
  b: {charm: web, channel: edge, revision: 3}
  a: {charm: web, channel: edge, revision: 3}
  c: {charm: ./local.charm}
  d: {charm: "local:d"}
"""


def test_juju_names_the_charm_of_each_application_and_its_channel() -> None:
    """Twice if two applications have the same charm. A revision of Charmhub is not named."""
    line = 'Located charm "web" in charm-hub, channel edge'

    assert located(STORES, Juju.V4_0) == [line, line]


def test_juju_2_9_names_the_revision_of_a_charm_in_the_charm_store() -> None:
    """It names no channel then."""
    text = 'applications: {a: {charm: "cs:web-7", channel: edge}, b: {charm: "cs:web"}}'

    assert located(text, Juju.V2_9) == [
        'Located charm "web" in charm-store, revision 7',
        'Located charm "web" in charm-store',
    ]


def test_charm_that_an_application_of_the_model_has_is_not_located() -> None:
    """Juju does not ask the store about it."""
    model = plan.Model({"a": ModelApplication("web"), "b": ModelApplication("other")})

    assert located(STORES, Juju.V3_6, model) == ['Located charm "web" in charm-hub, channel edge']
    assert located(STORES, Juju.V2_6, model) == [
        "Resolving charm: web",
        "Resolving charm: local:d",
    ]


def test_refusal_of_the_controller_does_not_prevent_the_plan_of_a_bundle() -> None:
    """A dry run of Juju does not notice it. The errors of a site always prevent the plan."""
    refusal = Finding("J072", Severity.ERROR, "juju", (), "m", "f", when="deploy")
    client = Finding("J030", Severity.ERROR, "juju", (), "m", "f")
    crash = Finding("BL100", Severity.ERROR, "lab", (), "m", "f", when="dry-run")
    lab = Finding("BL021", Severity.ERROR, "lab", (), "m", "f")
    findings = (refusal, client, crash, lab)

    assert Assessment(Juju.V4_0, False, findings).blocking_findings() == [client, crash]
    assert Assessment(Juju.V4_0, True, findings).blocking_findings() == [*findings]


def test_wrong_constraints_of_the_model_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message is Juju's, after the name of the option."""
    path = tmp_path / "bundle.yaml"
    path.write_text("applications: {a: {charm: a}}\n")

    assert main(["plan", str(path), "--juju", "4.0", "--model-constraints", "tag=x"]) == 2
    assert '--model-constraints: unknown constraint "tag"' in capsys.readouterr().err
