"""Architecture and base of applications and of their machines."""

from __future__ import annotations

import pytest
import yaml

from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.model import Charm
from botlab.findings import Finding
from botlab.juju import Juju
from botlab.rules.lab import lab_findings
from botlab.rules.subject import Subject
from helpers.assessments import bundle_findings, of_rule, paths_of
from helpers.charm_archives import manifest
from helpers.refusals import charm

ARM = """
default-base: ubuntu@22.04
machines: {"0": {constraints: arch=arm64 tags=pi}, "1": {}}
applications:
  a: {charm: ubuntu, channel: stable, revision: 24, num_units: 1, to: ["0"]}
  arm: {charm: ubuntu, channel: stable, num_units: 1, to: ["lxd:0"], constraints: arch=arm64}
  beside: {charm: ubuntu, channel: stable, num_units: 1, to: ["lxd:a"]}
  free: {charm: ubuntu, channel: stable, num_units: 2, to: ["1"]}
"""


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_application_for_amd64_on_an_arm64_machine_is_reported(juju: Juju) -> None:
    """Also in a container, and beside a unit of another application."""
    findings = bundle_findings(yaml.safe_load(ARM), juju)

    assert paths_of(findings, "BL106") == ["applications.a.to[0]", "applications.beside.to[0]"]
    assert of_rule(findings, "BL106")[0].message == (
        "a is deployed for amd64, but its machine has arch=arm64"
    )


def test_charms_of_2_6_have_no_architecture() -> None:
    """Nothing is reported."""
    assert paths_of(bundle_findings(yaml.safe_load(ARM), Juju.V2_6), "BL106") == []


def with_manifest(*architectures: str) -> list[Finding]:
    """Return the lab's findings about a charm for some architectures on an arm64 machine."""
    text = """
machines: {"0": {constraints: arch=arm64}}
applications: {a: {charm: ./a.charm, num_units: 1, to: ["0"]}}
"""
    facts: dict[str, Charm] = {
        "a": charm("{name: a}", manifest=manifest("22.04", architectures=architectures))
    }
    bundle = parse_bundle(BundleSource(text), Juju.V3_6).bundle
    return of_rule(lab_findings(Subject(bundle, Juju.V3_6, facts)), "BL106")


def test_manifest_of_a_charm_for_one_architecture_decides() -> None:
    """One for several, or for all, does not."""
    assert with_manifest("arm64") == []
    assert len(with_manifest("amd64")) == 1
    assert len(with_manifest("amd64", "arm64")) == 1


BASES = """
default-base: ubuntu@22.04
machines: {"3": {base: ubuntu@24.04/stable}, "4": {}}
applications:
  a: {charm: x, num_units: 3, to: ["4", "lxd:3", "3"]}
  b: {charm: x, base: ubuntu@24.04, num_units: 2, to: [a/2, a/0]}
"""


def test_machine_with_another_base_is_reported_for_juju_4() -> None:
    """Earlier releases refuse the unit themselves."""
    findings = bundle_findings(yaml.safe_load(BASES), Juju.V4_0)

    assert [finding.message for finding in of_rule(findings, "BL107")] == [
        "a is deployed for ubuntu@22.04, but its machine has ubuntu@24.04",
        "b is deployed for ubuntu@24.04, but its machine has ubuntu@22.04",
    ]
    assert paths_of(findings, "BL107") == ["applications.a.to[2]", "applications.b.to[1]"]
    assert of_rule(bundle_findings(yaml.safe_load(BASES), Juju.V3_6), "BL107") == []
