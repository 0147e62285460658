"""Refusals of containers whose type a release does not have."""

from __future__ import annotations

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.refusals import refusals

BUNDLE = """
machines: {"0": {}}
applications:
  web: {charm: x, num_units: 5, to: ["lxc:0", "kvm:0", "lxd:0", "lx:web2/0", "docker:new"]}
  web2: {charm: x, num_units: 1, to: ["0"]}
"""


@pytest.mark.parametrize(
    ("juju", "types"),
    [
        (Juju.V2_6, {3: "lx", 4: "docker"}),
        (Juju.V2_9, {3: "lx", 4: "docker"}),
        (Juju.V3_6, {0: "lxc", 3: "lx", 4: "docker"}),
        (Juju.V4_0, {0: "lxc", 1: "kvm", 3: "lx", 4: "docker"}),
    ],
)
def test_container_types_are_those_of_the_release(juju: Juju, types: dict[int, str]) -> None:
    """Up to 2.9 the client makes lxd of lxc. 4.0 has no kvm."""
    findings = refusals(BUNDLE, juju)

    assert {path_text(finding.path): finding.message for finding in findings} == {
        f"applications.web.to[{index}]": "cannot create machine for holding web unit: invalid"
        f' container type "{kind}"'
        for index, kind in types.items()
    }
    assert {finding.when for finding in findings} == {"deploy"}


def test_placement_of_a_kubernetes_application_is_no_container() -> None:
    """It selects nodes."""
    text = "bundle: kubernetes\napplications: {a: {charm: x, scale: 1, placement: 'docker:0=1'}}"

    assert refusals(text, Juju.V4_0) == []
