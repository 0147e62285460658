"""Rules about the release of Kubeflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.catalogue.kubeflow import choose_release, releases
from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule, paths_of

# The Kubernetes releases at which the range or the choice of a Kubeflow release begins or ends,
# and their neighbours.
MINIO = "gcr.io/ml-pipeline/minio:RELEASE.2019-08-14T20-37-41Z-license-compliance"
# Of a release that no profile has, the rules about Kubeflow say nothing otherwise.
UNKNOWN_CHANNEL = {"BL121": "the local charms are of that release"}
MINORS = [12, 13, 14, 15, 16, 18, 19, 21, 22, 25, 26, 28, 32, 33, 34, 36, 37]


@pytest.mark.parametrize("minor", MINORS)
def test_each_release_is_refused_undocumented_or_accepted_on_each_kubernetes(
    tmp_path: Path, minor: int
) -> None:
    """Which means an error, a warning or no finding, at the version."""
    for release in releases():
        layer = {
            "kubernetes": {"channel": f"1.{minor}/stable"},
            "kubeflow": {"version": release.name},
            "ignore": UNKNOWN_CHANNEL,
        }
        findings = [
            finding
            for finding in assess_layer(tmp_path, layer).findings
            if finding.id in ("BL066", "BL075")
        ]
        first, last = release.documented
        expected = [] if first <= (1, minor) <= last else ["BL066"]
        expected = expected if release.fits((1, minor)) else ["BL075"]
        assert [finding.id for finding in findings] == expected, release.name
        assert {path_text(finding.path) for finding in findings} <= {"kubeflow.version"}


@pytest.mark.parametrize("minor", MINORS)
def test_release_that_the_charm_chooses_is_never_refused(tmp_path: Path, minor: int) -> None:
    """Only a Kubernetes for which there is none. The findings are at the section."""
    layer = {
        "kubernetes": {"channel": f"1.{minor}/stable"},
        "kubeflow": {"hostname": "a.b"},
        "ignore": UNKNOWN_CHANNEL,
    }
    findings = assess_layer(tmp_path, layer).findings
    release = choose_release((1, minor), "")
    first, last = release.documented if release else ((0, 0), (9, 9))

    assert paths_of(findings, "BL075") == ([] if release else ["kubeflow"])
    assert paths_of(findings, "BL066") == ([] if first <= (1, minor) <= last else ["kubeflow"])


def test_refused_release_is_reported_with_those_that_fit(tmp_path: Path) -> None:
    """So the fix works."""
    layer = {"kubernetes": {"channel": "1.22/stable"}, "kubeflow": {"version": "1.2.0"}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL075")

    assert finding.message == (
        "Kubeflow 1.2.0 runs on Kubernetes 1.11 to 1.21, but the cluster has 1.22"
    )
    assert finding.fix == "remove the version, or use one of 1.7.0"


def test_unknown_release_is_reported_once_with_all_releases(tmp_path: Path) -> None:
    """Rules that need a release do not report anything."""
    pools = {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}
    layer = {"kubeflow": {"version": "1.5"}, "metallb": {"pools": pools}}
    findings = assess_layer(tmp_path, layer).findings
    (finding,) = of_rule(findings, "BL074")

    assert path_text(finding.path) == "kubeflow.version"
    assert all(release.name in finding.fix for release in releases())
    ids = {finding.id for finding in findings}
    assert ids & {"BL066", "BL075", "BL076", "BL077", "BL079"} == set()


@pytest.mark.parametrize(
    ("version", "release"),
    [("1.10", "1.10.2"), ("v1.10", "1.10.2"), ("1", "1.11.0"), ("0.7", "0.7.1"), ("26", "26.03")],
)
def test_beginning_of_a_release_is_answered_with_the_newest(
    version: str, release: str, tmp_path: Path
) -> None:
    """Also without quotes: 1.10 is not the number 1.1."""
    layer = f"kubeflow: {{version: {version}}}"
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL074")

    assert finding.message.endswith(f" {version}")
    assert finding.fix.startswith(f"did you mean {release}? Otherwise, use one of ")


def test_overlay_changes_the_kubernetes_that_a_release_must_fit(tmp_path: Path) -> None:
    """The rules check the bundle as it will be deployed."""
    overlay = "applications: {kubernetes-master: {options: {channel: 1.16/stable}}}"
    assessment = assess_layer(tmp_path, {"kubeflow": {"version": "0.6.2"}}, overlay=overlay)

    assert paths_of(assessment.findings, "BL075") == ["kubeflow.version"]


@pytest.mark.parametrize(
    ("kubernetes", "kubeflow", "options", "path"),
    [
        ("1.13", {"version": "0.6.2"}, {}, "kubeflow.version"),
        ("1.13", {}, {}, "kubeflow"),
        ("1.24", {}, {}, "kubeflow"),
        ("1.13", {"version": "0.6.2", "registry": "reg.lab:5000"}, {}, ""),
        ("1.13", {"version": "0.6.2"}, {"image-registry": "reg.lab:5000"}, ""),
        ("1.13", {"version": "0.6.2"}, {"skipped-checks": "nodes,images"}, ""),
        ("1.13", {"version": "0.6.2"}, {"skipped-checks": "nodes"}, "kubeflow.version"),
        ("1.25", {}, {}, ""),
        ("1.32", {"version": "1.10.2"}, {}, "kubeflow.version"),
        ("1.32", {"version": "1.10.2"}, {"image-overrides": f"{MINIO}=reg.lab/minio:1"}, ""),
    ],
)
def test_images_that_nobody_serves_are_reported(
    tmp_path: Path, kubernetes: str, kubeflow: dict[str, str], options: dict[str, str], path: str
) -> None:
    """Unless the lab has them, or overrides name others."""
    layer = {
        "kubernetes": {"channel": f"{kubernetes}/stable"},
        "kubeflow": kubeflow,
        "applications": {"kubeflow-installer": {"options": options}},
    }
    assert paths_of(assess_layer(tmp_path, layer).findings, "BL116") == ([path] if path else [])


def test_first_image_that_nobody_serves_is_named(tmp_path: Path) -> None:
    (finding,) = of_rule(
        assess_layer(tmp_path, {"kubeflow": {"version": "0.6.2"}}).findings, "BL116"
    )
    assert finding.message == (
        "no public registry serves gcr.io/arrikto/kubeflow/oidc-authservice:v0.3 and 48 more"
        " images of Kubeflow 0.6.2"
    )
