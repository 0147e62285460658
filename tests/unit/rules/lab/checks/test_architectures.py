"""Rules about applications on machines of several architectures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

ARM = {"arch": "arm64"}
WORKER = "kubernetes-worker"


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


TODAY = {"juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}}


@pytest.mark.parametrize(
    ("layer", "place", "solution"),
    [
        (
            {"machines": {"node3": {**ARM, "roles": ["worker"]}}},
            "workers: arm64 at node3;",
            {"machines": {"node3": {**ARM, "roles": ["worker"], "workers": "arm64"}}},
        ),
        (
            {"machines": {"node3": ARM}, "applications": {WORKER: {"to": ["node2", "node3"]}}},
            "roles: [worker] and workers: arm64 at node3, and remove it from"
            " applications.kubernetes-worker.to;",
            {
                "machines": {"node3": {**ARM, "roles": ["worker"], "workers": "arm64"}},
                "applications": {WORKER: {"to": ["node2"]}},
            },
        ),
        (
            {"groups": {"pi[0-2]": {**ARM, "tags": ["pi[0-2]"], "roles": ["worker"]}}},
            "workers: arm64 at pi[0-2];",
            {
                "groups": {
                    "pi[0-2]": {
                        **ARM, "tags": ["pi[0-2]"], "roles": ["worker"], "workers": "arm64",
                    }
                }
            },
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("juju", ["3.6", "4.0"])
def test_site_gets_a_worker_application_for_each_architecture(
    juju: str, layer: dict[str, Any], place: str, solution: dict[str, Any], tmp_path: Path
) -> None:
    """The fix is followed to its end: no rule reports the result."""
    rule = "BL092" if juju == "4.0" else "BL093"
    findings = assess_layer(tmp_path, {**TODAY, "juju": juju, **layer}).findings
    (finding,) = of_rule(findings, rule)

    assert finding.fix == (
        f"write workers: {{arm64: {{}}}} in the site file, and {place} kubernetes-worker is for"
        " amd64 then, and kubernetes-worker-arm64 for arm64"
    )
    assert paths_of(findings, "BL106") == []
    followed = {**TODAY, "juju": juju, "workers": {"arm64": {}}, **solution}
    rest = {finding.id for finding in assess_layer(tmp_path, followed).findings}
    assert not rest & {"BL092", "BL093", "BL106", "BL142"}


def test_further_worker_application_is_divided_too(tmp_path: Path) -> None:
    worker = {"roles": ["worker"], "workers": "a100"}
    layer = {"workers": {"a100": {}}, "machines": {"node2": worker, "node3": {**ARM, **worker}}}
    (finding,) = of_rule(assess_layer(tmp_path, {**TODAY, **layer}).findings, "BL093")

    assert finding.fix.startswith("write workers: {a100-arm64: {}} in the site file, and ")
    assert finding.fix.endswith("and kubernetes-worker-a100-arm64 for arm64")


def test_fix_of_another_application_is_a_placement(tmp_path: Path) -> None:
    """A site deploys only the charm of workers several times."""
    layer = {"machines": {"node1": ARM}}
    finding = of_rule(assess_layer(tmp_path, layer).findings, "BL093")[0]

    assert (
        finding.fix == "place all its units on machines of one architecture (applications.etcd.to)"
    )


def test_following_the_fix_of_a_wrong_constraint_ends_the_finding() -> None:
    bundle = bundle_with("1", constraints="mem=2G arch=amd64")
    (finding,) = of_rule(bundle_findings(bundle, Juju.V3_6), "BL093")

    assert finding.fix.startswith("write arch=arm64 in the constraint, or ")
    assert paths_of(bundle_findings(bundle, Juju.V3_6), "BL106") == []
    followed = bundle_with("1", constraints="mem=2G arch=arm64")
    rest = {finding.id for finding in bundle_findings(followed, Juju.V3_6)}
    assert not rest & {"BL093", "BL106"}
