"""Rules about applications on machines of several architectures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

ARM = {"arch": "arm64"}


def bundle_with(*placements: str, constraints: str = "", machine: str = "") -> dict[str, Any]:
    """Return a bundle with an application on an amd64 machine, an arm64 one and another one."""
    application: dict[str, Any] = {
        "charm": "cs:a-1", "num_units": len(placements), "to": list(placements),
    }  # fmt: skip
    if constraints:
        application["constraints"] = constraints
    machines = {"0": "arch=amd64", "1": "cores=8 arch=arm64", "2": machine or "tags=any"}
    bodies = {number: {"constraints": text} for number, text in machines.items()}
    return {"applications": {"a": application}, "machines": bodies}


@pytest.mark.parametrize(
    ("juju", "rules"),
    [
        (Juju.V2_6, []),
        (Juju.V2_9, ["BL093"]),
        (Juju.V3_6, ["BL093"]),
        (Juju.V4_0, ["BL092"]),
    ],
)
@pytest.mark.parametrize("placements", [("0", "1"), ("lxd:1", "0"), ("1", "2", "0")])
def test_units_on_two_architectures_are_an_error_for_juju_4_and_a_warning_before(
    juju: Juju, rules: list[str], placements: tuple[str, ...]
) -> None:
    """A charm has no architecture in Juju 2.6."""
    findings = bundle_findings(bundle_with(*placements), juju)

    reported = [finding for finding in findings if finding.id in ("BL092", "BL093")]
    assert [finding.id for finding in reported] == rules
    assert all(path_text(finding.path) == "applications.a.to" for finding in reported)


@pytest.mark.parametrize("placements", [("0", "2"), ("1", "lxd:1"), ("2", "2"), ("new", "0")])
def test_machines_of_one_or_of_an_unknown_architecture_are_accepted(
    placements: tuple[str, ...],
) -> None:
    for juju in (Juju.V3_6, Juju.V4_0):
        findings = bundle_findings(bundle_with(*placements), juju)
        assert not {finding.id for finding in findings} & {"BL092", "BL093", "BL094"}


def test_message_names_the_machines_with_their_architectures() -> None:
    (finding,) = of_rule(bundle_findings(bundle_with("0", "lxd:1"), Juju.V4_0), "BL092")

    assert finding.message == (
        "a has units on machines of several architectures (0: amd64, 1: arm64), but Juju 4"
        " deploys an application on one only"
    )


def test_constraint_that_differs_from_the_machine_is_reported() -> None:
    """The constraint decides the charm, and the machine where it runs."""
    bundle = bundle_with("0", constraints="mem=2G arch=arm64")
    (finding,) = of_rule(bundle_findings(bundle, Juju.V3_6), "BL093")

    assert path_text(finding.path) == "applications.a.constraints"
    assert finding.message == (
        "a has the constraint arch=arm64, but machine 0, on which its unit is placed, is amd64"
    )
    assert paths_of(bundle_findings(bundle, Juju.V4_0), "BL092") == ["applications.a.constraints"]
    accepted = bundle_with("1", constraints="mem=2G arch=arm64")
    assert paths_of(bundle_findings(accepted, Juju.V3_6), "BL093") == []


def test_site_with_amd64_machines_only_is_compared_although_its_bundle_names_none(
    tmp_path: Path,
) -> None:
    layer = {"applications": {"etcd": {"constraints": "arch=arm64"}}}

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL093") == [
        "applications.etcd.constraints"
    ]


def test_application_of_a_site_on_two_architectures_is_reported_at_the_machines(
    tmp_path: Path,
) -> None:
    """Without a placement of its own, the roles of the machines place it."""
    assessment = assess_layer(tmp_path, {"machines": {"node1": ARM}})

    messages = [finding.message for finding in of_rule(assessment.findings, "BL093")]
    assert [message.split()[0] for message in messages] == ["etcd", "kubernetes-master"]
    assert set(paths_of(assessment.findings, "BL093")) == {"machines"}


def test_subordinate_with_principals_of_two_architectures_is_reported(tmp_path: Path) -> None:
    """Flannel runs on the control plane and on the workers; nvidia-runtime on workers only."""
    layer = {
        "machines": {"node2": {**ARM, "gpu": True}},
        "applications": {"etcd": {"to": ["node0"]}},
    }
    findings = assess_layer(tmp_path, layer).findings
    (finding,) = of_rule(findings, "BL094")

    assert finding.message.startswith(
        "the principals of the subordinate flannel run on machines of several architectures"
        " (kubernetes-master: amd64, kubernetes-worker: arm64)"
    )
    assert paths_of(findings, "BL093") == []


def test_subordinate_on_machines_of_one_architecture_is_accepted(tmp_path: Path) -> None:
    layer = {"machines": {f"node{number}": ARM for number in range(4)}}

    assert [
        finding.id
        for finding in assess_layer(tmp_path, layer).findings
        if finding.id in ("BL092", "BL093", "BL094")
    ] == []


def test_constraint_arch_alone_is_not_without_effect() -> None:
    """It decides the charm. Other constraints beside it are reported without it."""
    bundle = bundle_with("0", constraints="arch=amd64")
    assert paths_of(bundle_findings(bundle), "BL025") == []

    bundle = bundle_with("0", constraints="arch=amd64 mem=2G cores=2")
    (finding,) = of_rule(bundle_findings(bundle), "BL025")
    assert finding.message.startswith("the constraints 'mem=2G cores=2' of a have no effect")
