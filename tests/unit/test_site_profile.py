"""The profile of a site: its channel, its Juju release, and the revisions of its charms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Assessment, Request, assess
from botlab.bundle import Application
from botlab.findings import Severity, path_text

MACHINES = {
    "a": {"tags": ["a"], "roles": ["easyrsa", "etcd", "control-plane"]},
    "b": {"tags": ["b"], "roles": ["worker"]},
}
PINS = {"kubernetes-worker": 310, "kubernetes-control-plane": 700, "k8s": 3}


def assess_site(directory: Path, juju: str = "3.6", **kubernetes: str) -> Assessment:
    """Assess a site of the profile charmed-k8s, with the revisions of a file if there is one."""
    site: dict[str, Any] = {
        "site": "lab",
        "juju": juju,
        "kubernetes": {"profile": "charmed-k8s", **kubernetes},
        "machines": MACHINES,
    }
    if (directory / "revisions.yaml").exists():
        site["charms"] = {"revisions": "revisions.yaml"}
    path = directory / "site.yaml"
    path.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    return assess(Request(path))


def errors_of(assessment: Assessment) -> list[tuple[str, str, str]]:
    """Return the id, the key and the message of each error."""
    return [
        (finding.id, path_text(finding.path), finding.message)
        for finding in assessment.findings
        if finding.severity is Severity.ERROR
    ]


def applications_of(assessment: Assessment) -> dict[str, Application]:
    """Return the applications of the bundle."""
    assert assessment.bundle is not None
    return {name: app for name, app in assessment.bundle.applications.items() if app}


def test_channel_moves_charms_and_snaps_together(tmp_path: Path) -> None:
    """The snap of etcd has channels of its own."""
    assessment = assess_site(tmp_path, channel="1.34/candidate")
    applications = applications_of(assessment)

    assert errors_of(assessment) == []
    assert {app.channel for app in applications.values()} == {"1.34/candidate"}
    assert {name: app.options.get("channel") for name, app in applications.items()} == {
        "easyrsa": None,
        "etcd": "3.4/stable",
        "calico": None,
        "containerd": None,
        "kubernetes-control-plane": "1.34/candidate",
        "kubernetes-worker": "1.34/candidate",
    }


@pytest.mark.parametrize("profile", ["charmed-k8s", "canonical-k8s"])
def test_channel_that_nobody_can_have_is_one_error(tmp_path: Path, profile: str) -> None:
    """Nothing else is reported because of it."""
    channel = "1.53/stable"
    (error,) = errors_of(assess_site(tmp_path, profile=profile, channel=channel))

    assert error[:2] == ("BL121", "kubernetes.channel")
    assert error[2].startswith(
        f"the profile {profile} is not known to deploy the channel {channel}"
    )


@pytest.mark.parametrize("channel", ["1.31/stable", "1.36/edge", "latest/stable"])
def test_channel_that_the_profile_does_not_know_is_an_error(tmp_path: Path, channel: str) -> None:
    (error,) = errors_of(assess_site(tmp_path, channel=channel))

    assert error[:2] == ("BL121", "kubernetes.channel")


@pytest.mark.parametrize("channel", ["1.35/stabel", "1.35/", "/stable", "1.35/stable/a/b", "a b"])
def test_malformed_channel_is_one_error(tmp_path: Path, channel: str) -> None:
    """Juju's own message would come for each application."""
    assert errors_of(assess_site(tmp_path, channel=channel)) == [
        (
            "BL004",
            "kubernetes.channel",
            f"kubernetes.channel is {channel!r}, which is not a channel; write TRACK/RISK, such as"
            " 1.35/stable; the risks are stable, candidate, beta and edge",
        )
    ]


@pytest.mark.parametrize(("juju", "profile"), [("2.9", "charmed-k8s"), ("2.6", "canonical-k8s")])
def test_profile_that_does_not_fit_juju_is_one_error(
    tmp_path: Path, juju: str, profile: str
) -> None:
    """Not one for each charm."""
    ids = {error[0] for error in errors_of(assess_site(tmp_path, juju, profile=profile))}

    assert ids == {"BL120"}


def test_profile_of_2019_does_not_fit_juju_3(tmp_path: Path) -> None:
    """The fix names what fits."""
    assessment = assess_site(tmp_path, "3.6", profile="k8s-1.13")
    (error,) = [entry for entry in assessment.findings if entry.severity is Severity.ERROR]

    assert (error.id, error.message) == (
        "BL120",
        "the profile k8s-1.13 needs Juju 2.6 or 2.9, and the lab has Juju 3.6",
    )
    assert error.fix == (
        "write juju: '2.6', or choose the profile canonical-k8s or charmed-k8s for Juju 3.6"
    )


@pytest.mark.parametrize(
    "content",
    [
        PINS,
        {
            "applications": {
                "w": {"charm": "kubernetes-worker", "channel": "1.35", "revision": 310},
                "kubernetes-control-plane": {
                    "charm": "ch:kubernetes-control-plane",
                    "revision": 700,
                },
                "metallb": {"charm": "local:metallb-0"},
                "grafana": {"charm": "grafana", "revision": 5},
            }
        },
    ],
)
def test_file_pins_the_revisions_of_the_charms(tmp_path: Path, content: dict[str, Any]) -> None:
    """A list of revisions, or a bundle that Juju exported."""
    (tmp_path / "revisions.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assessment = assess_site(tmp_path)
    revisions = {name: app.revision for name, app in applications_of(assessment).items()}

    assert errors_of(assessment) == []
    assert {name for name, revision in revisions.items() if revision is None} == {
        "easyrsa",
        "etcd",
        "calico",
        "containerd",
    }
    assert revisions["kubernetes-worker"] == 310
    assert revisions["kubernetes-control-plane"] == 700


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- 1", "the file must hold a mapping"),
        ("etcd: [", "cannot be read as YAML"),
        ("etcd: newest", "the revision of etcd is 'newest', not a number"),
        ("etcd: -1", "the revision of etcd is -1, not a number"),
        ("etcd: true", "the revision of etcd is True, not a number"),
        (
            "applications: {etcd: {charm: etcd, channel: 1.34/stable, revision: 3}}",
            "the revision of etcd is of the channel 1.34/stable, and the site deploys 1.35/stable",
        ),
        ("kubernets-worker: 3", "no profile has a charm kubernets-worker"),
        ("metallb: 3", "metallb is a charm of this project, which has no revision in Charmhub"),
    ],
)
def test_file_of_revisions_that_cannot_be_used_is_an_error(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "revisions.yaml").write_text(text, encoding="utf-8")
    (error,) = errors_of(assess_site(tmp_path))

    assert error[:2] == ("BL128", "charms.revisions")
    assert reason in error[2]


def test_mistyped_charms_in_the_file_of_revisions_are_named_with_the_right_ones(
    tmp_path: Path,
) -> None:
    """All of them at once."""
    (tmp_path / "revisions.yaml").write_text("{kubernets-worker: 3, etdc: 4, xyz: 5, etcd: 6}")
    fixes = [finding.fix for finding in assess_site(tmp_path).findings if finding.id == "BL128"]

    assert fixes[:2] == ["did you mean kubernetes-worker?", "did you mean etcd?"]
    assert fixes[2].startswith("remove the line, or use one of easyrsa, etcd, calico, ")


@pytest.mark.parametrize(
    ("pins", "series"),
    [
        ({"flannel": 5, "cilium": 6}, ""),
        ({"kubeapi-load-balancer": 7}, ""),
        ({"filesystem-client": 8}, ""),
        ({"k8s": 9}, ""),
        ({"flannel": 5, "calico": 4}, "noble"),
    ],
)
def test_pins_of_charms_that_are_not_deployed_leave_the_base(
    tmp_path: Path, pins: dict[str, int], series: str
) -> None:
    """A bundle of Juju 3.6 has a series where it pins a revision only (LP 2054375)."""
    (tmp_path / "revisions.yaml").write_text(yaml.safe_dump(pins), encoding="utf-8")
    bundle = assess_site(tmp_path).bundle

    assert bundle is not None
    parts = [*bundle.applications.values(), *bundle.machines.values()]
    base = "" if series else "ubuntu@24.04"
    assert (bundle.series, bundle.default_base) == (series, base)
    assert {(part.series, part.base) for part in parts if part} == {(series, base)}
