"""Findings that only follow from a dropped value are hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.assessment import Request, assess
from botlab.findings import Finding, Severity, path_text

SITE = """\
site: lab
juju: "2.9"
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [easyrsa, etcd, control-plane]}
  node1: {tags: [node1], roles: [etcd, control-plane]}
  node2: {tags: [node2], roles: [etcd, worker]}
kubeflow: {version: 0.6.2}
"""


def findings_of(directory: Path, *layers: str) -> list[Finding]:
    """Return the findings of the site with layers, except those about missing charm files."""
    files = [directory / f"{number}.yaml" for number in range(len(layers) + 1)]
    for file, text in zip(files, (SITE, *layers), strict=True):
        file.write_text(text, encoding="utf-8")
    findings = assess(Request(files[0], layers=files[1:])).findings
    return [finding for finding in findings if finding.id != "BL015"]


def rules_of(directory: Path, *layers: str) -> set[str]:
    """Return the ids of the findings of the site with layers."""
    return {finding.id for finding in findings_of(directory, *layers)}


@pytest.mark.parametrize(
    ("layer", "key"),
    [
        ("worker: {a100: {}}\nmachines: {node2: {workers: a100}}", "worker"),
        ("nfs-servers: {fast: {serve: node1}}", "nfs-servers.fast.serve"),
        ("nfs: {srver: node1}", "nfs.srver"),
        ("metallb: {pool: {}}", "metallb.pool"),
        ("machines: {node2: {roles: null, role: [worker]}}", "machines.node2.role"),
    ],
)
def test_only_a_misspelt_key_is_an_error(layer: str, key: str, tmp_path: Path) -> None:
    """The key that was meant is not reported as missing, and no rule about it is checked."""
    errors = [f for f in findings_of(tmp_path, layer) if f.severity is Severity.ERROR]

    assert ("BL001", key) in [(finding.id, path_text(finding.path)) for finding in errors]
    assert {finding.id for finding in errors} <= {"BL001", *SITE_RULES}


def test_key_that_is_set_beside_a_misspelt_one_is_checked(tmp_path: Path) -> None:
    layer = "workers: {t4: {}}\nworker: {a100: {}}\nmachines: {node2: {workers: a100}}"

    assert {"BL001", "BL140"} <= rules_of(tmp_path, layer)


SITE_RULES = {"BL058", "BL059", "BL066", "BL079"}


@pytest.mark.parametrize(
    ("layer", "hidden"),
    [
        ("{}", set[str]()),
        ("nfs: node1", {"BL058"}),
        ("nfs: {path: 3}", {"BL058"}),
        ("metallb: foo", {"BL059"}),
        ("metallb: {pools: {}}", {"BL059"}),
        ("applications: []", {"BL079"}),
        ("applications: {kubeflow-installer: {resources: {kfctl: 1.5}}}", {"BL079"}),
        ("applications: {kubeflow-installer: {resources: {manifests: 1.5}}}", set[str]()),
        ("kubernetes: {channel: [1.15]}", {"BL066", "BL079"}),
        ("kubernetes: 3", {"BL066", "BL079"}),
    ],
)
def test_only_findings_that_follow_from_the_dropped_value_are_hidden(
    tmp_path: Path, layer: str, hidden: set[str]
) -> None:
    """The other findings remain, and the wrong value has a finding of its own."""
    rules = rules_of(tmp_path, layer)

    assert rules & SITE_RULES == SITE_RULES - hidden
    assert bool(rules & {"BL002", "BL003", "BL004"}) == (layer != "{}")


@pytest.mark.parametrize(
    ("layer", "is_hidden"),
    [
        ("machines: {node1: {roles: x}}", True),
        ("applications: {kubernetes-master: {to: 3}}", True),
        ("machines: {node1: {gpu: perhaps}}", False),
    ],
)
def test_units_are_not_counted_where_a_placement_was_dropped(
    tmp_path: Path, layer: str, is_hidden: bool
) -> None:
    """The number of units is then only a result of the dropped placement."""
    two_etcd_units = "machines: {node0: {roles: [etcd]}}"

    assert ("BL021" in rules_of(tmp_path, two_etcd_units, layer)) is not is_hidden
    assert "BL021" in rules_of(tmp_path, two_etcd_units)


SECTION_FIXES = {
    "kubeflow-installer": "the section `kubeflow: {}`",
    "nfs-server": "the section `nfs: {server: MACHINE}`",
    "metallb": "the section `metallb: {pools: {default: {addresses: [FIRST-LAST]}}}`",
    "nvidia-runtime": "gpu: true to a machine that has one, with gpu.stack: charm",
}


@pytest.mark.parametrize("application", SECTION_FIXES)
def test_fix_for_a_charm_of_this_suite_names_the_section_that_deploys_it(
    tmp_path: Path, application: str
) -> None:
    """The fix is not the list of the profile's applications."""
    layer = f"applications: {{{application}: {{expose: false}}}}\nkubeflow: null"
    findings = findings_of(tmp_path, layer)
    (finding,) = [finding for finding in findings if finding.id == "BL011"]

    assert finding.fix == f"add {SECTION_FIXES[application]}, or remove these lines"
    assert finding.message == (
        f"the site does not deploy {application}, so its settings have no effect"
    )


def test_application_of_a_dropped_section_is_not_reported_as_unknown(tmp_path: Path) -> None:
    """The wrong section is reported instead. Another unknown application is still reported."""
    layer = "metallb: foo\napplications: {metallb: {}, metalb: {}}"
    findings = findings_of(tmp_path, layer)

    assert [path_text(finding.path) for finding in findings if finding.id == "BL011"] == [
        "applications.metalb"
    ]
