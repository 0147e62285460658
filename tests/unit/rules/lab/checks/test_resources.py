"""Rules about the resources that applications are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.model import Charm
from botlab.catalogue.profiles import load_profile
from botlab.juju import Juju
from botlab.rules.lab import lab_findings
from botlab.rules.subject import Subject
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

KFCTL = "applications.kubeflow-installer.resources.kfctl"


def installer_layer(**resources: int | str) -> dict[str, Any]:
    """Return a layer with Kubeflow and resources of its installer."""
    return {
        "kubeflow": {"version": "0.6.2"},
        "applications": {"kubeflow-installer": {"resources": resources}},
    }


def test_resource_file_is_missing_until_it_exists(tmp_path: Path) -> None:
    """Its path starts at the site file's directory, wherever the bundle is written to.

    A directory is not a file.
    """
    file = tmp_path / "kfctl.tar.gz"

    def missing() -> list[tuple[str, bool]]:
        output = tmp_path / "out/bundle.yaml"
        assessment = assess_layer(tmp_path, installer_layer(kfctl="./kfctl.tar.gz"), output=output)
        findings = of_rule(assessment.findings, "BL084")
        return list(
            zip(
                paths_of(findings, "BL084"),
                (str(file) in finding.message for finding in findings),
                strict=True,
            )
        )

    assert missing() == [(KFCTL, True)]
    file.mkdir()
    assert missing() == [(KFCTL, True)]
    file.rmdir()
    file.write_bytes(b"")
    assert missing() == []


@pytest.mark.parametrize(
    ("resource", "is_reported"),
    [
        ("./image.yaml", True),
        ("/none/x", True),
        (f"./{'x' * 300}", True),
        ("registry.lab.example/x:1", False),
        (3, False),
    ],
)
def test_resource_of_an_unknown_charm_is_a_file_only_if_it_is_a_path(
    resource: int | str, is_reported: bool
) -> None:
    """Any other text may be an image."""
    application = {"charm": "ch:a", "revision": 1, "resources": {"r": resource}}
    bundle = {"applications": {"a": application}}
    parsed = parse_bundle(BundleSource(yaml.safe_dump(bundle), directory="/none"), Juju.V2_9)
    findings = lab_findings(Subject(parsed.bundle, Juju.V2_9))

    assert [finding.id for finding in findings] == ["BL084"] * is_reported


@pytest.mark.parametrize(
    ("resource", "fix"),
    [
        ("kfctll", "did you mean kfctl?"),
        (
            "snap",
            "remove it; the charm has: kfctl, kustomize-amd64, kustomize-arm64, manifests,"
            " platform",
        ),
    ],
)
def test_fix_of_an_unknown_resource_names_the_nearest_one_or_all(
    tmp_path: Path, resource: str, fix: str
) -> None:
    """All are named when none is similar."""
    findings = assess_layer(tmp_path, installer_layer(**{resource: 1})).findings

    assert [finding.fix for finding in of_rule(findings, "BL085")] == [fix]


@pytest.mark.parametrize(
    ("application", "charm", "is_reported"),
    [
        ("etcd", {}, True),
        ("etcd", {"store": "cs:~containers/etcd-449"}, False),
        ("metallb", {}, True),
        ("metallb", {"local": "./mine.charm"}, True),
    ],
)
def test_another_charm_than_the_profiles_may_have_other_resources(
    tmp_path: Path, application: str, charm: dict[str, str], is_reported: bool
) -> None:
    """The profile describes its own revisions. This suite's charms are known in any case."""
    override = {"resources": {"core": 1}, **({"charm": charm} if charm else {})}
    pools = {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}
    layer = {"metallb": {"pools": pools}, "applications": {application: override}}
    findings = assess_layer(tmp_path, layer).findings
    path = f"applications.{application}.resources.core"

    assert paths_of(findings, "BL085") == [path] * is_reported
    assert "core" not in load_profile("k8s-1.13").charms["etcd"].resources


@pytest.mark.parametrize(
    ("file", "is_refused"),
    [
        ("./kfctl_v0.6.2_linux.tar.gz", False),
        ("./kfctl.tgz", True),
        ("./kfctl", True),
        ("./v0.6.2/kfctl", True),
        ("./.gz", False),  # Go's path.Ext returns .gz
        (3, False),  # a revision
    ],
)
def test_file_must_have_the_extension_of_the_charms_file_name(
    tmp_path: Path, file: str | int, is_refused: bool
) -> None:
    """Juju's API server compares the two."""
    findings = assess_layer(tmp_path, installer_layer(kfctl=file)).findings

    assert paths_of(findings, "BL083") == [KFCTL] * is_refused


@pytest.mark.parametrize(("kind", "is_reported"), [("kubernetes", False), ("", True)])
def test_image_of_a_charm_on_kubernetes_is_not_a_missing_file(
    kind: str, is_reported: bool
) -> None:
    """Also if the charm is known. The resources of a charm on machines are files."""
    app = {"charm": "local:a", "resources": {"oci-image": "registry.example/a:1"}}
    bundle = {"bundle": kind, "applications": {"a": app}}
    charms = {"a": Charm("a", resources=("oci-image",))}

    assert paths_of(bundle_findings(bundle, charms=charms), "BL084") == (
        ["applications.a.resources.oci-image"] * is_reported
    )


def test_image_of_a_charm_that_is_known_is_not_a_missing_file() -> None:
    """The charm names the type of its resource."""
    app = {"charm": "local:a", "resources": {"image": "registry.example/a:1"}}
    charm = Charm("a", resources=("image",), resource_types={"image": "oci-image"})

    assert bundle_findings({"applications": {"a": app}}, charms={"a": charm}) == []
