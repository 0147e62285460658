"""The rules about resources, beyond the one fault and the one near miss of each page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.bundle import Source, parse_bundle
from botlab.catalogue.profiles import load_profile
from botlab.findings import Finding
from botlab.job import Request, open_job
from botlab.juju import Juju
from botlab.verify.lab import lab_findings
from botlab.verify.lab.examples import base_site
from botlab.verify.subject import Subject

KFCTL = "applications.kubeflow-installer.resources.kfctl"


def of_site(tmp_path: Path, layer: dict[str, Any], output: Path | None = None) -> list[Finding]:
    """Return the findings of a layer over the rules' base site."""
    (tmp_path / "site.yaml").write_text(base_site(), encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(yaml.safe_dump(layer), encoding="utf-8")
    site, layers = tmp_path / "site.yaml", [tmp_path / "layer.yaml"]
    return list(open_job(Request(site, layers=layers, output=output)).findings)


def installer(**resources: int | str) -> dict[str, Any]:
    """Return a layer with Kubeflow and resources of its installer."""
    given = {"kubeflow-installer": {"resources": resources}}
    return {"kubeflow": {"version": "0.6.2"}, "applications": given}


def test_a_file_is_missed_until_it_is_there(tmp_path: Path) -> None:
    """Told from the site file's folder, wherever the bundle stands; a folder is no file."""
    layer = installer(kfctl="./kfctl.tar.gz")
    output = tmp_path / "out/bundle.yaml"

    def missed() -> list[tuple[str, bool]]:
        found = [one for one in of_site(tmp_path, layer, output) if one.id == "BL084"]
        return [(one.path, f"{tmp_path}/kfctl.tar.gz" in one.message) for one in found]

    assert missed() == [(KFCTL, True)]
    (tmp_path / "kfctl.tar.gz").mkdir()
    assert missed() == [(KFCTL, True)]
    (tmp_path / "kfctl.tar.gz").rmdir()
    (tmp_path / "kfctl.tar.gz").write_bytes(b"")
    assert missed() == []


@pytest.mark.parametrize(
    ("value", "missed"),
    [("./image.yaml", True), ("/none/x", True), ("registry.lab.example/x:1", False), (3, False)],
)
def test_what_may_be_an_image(value: int | str, missed: bool) -> None:
    """Of a charm that nobody knows: a path is a file, anything else may be an image."""
    bundle = {"applications": {"a": {"charm": "cs:a-1", "resources": {"r": value}}}}
    parsed = parse_bundle(Source(yaml.safe_dump(bundle), folder="/none"), Juju.V2_9)
    found = lab_findings(Subject(parsed.bundle, Juju.V2_9))

    assert ["BL084"] * missed == [one.id for one in found]


@pytest.mark.parametrize(
    ("resource", "fix"),
    [
        ("kfctll", "did you mean kfctl?"),
        (
            "snap",
            "take it out; it has: kfctl, kustomize-amd64, kustomize-arm64, manifests, platform",
        ),
    ],
)
def test_an_unknown_resource_names_the_nearest(tmp_path: Path, resource: str, fix: str) -> None:
    """Or all that there are."""
    found = of_site(tmp_path, installer(**{resource: 1}))

    assert [one.fix for one in found if one.id == "BL085"] == [fix]


@pytest.mark.parametrize(
    ("application", "charm", "struck"),
    [
        ("etcd", {}, True),
        ("etcd", {"store": "cs:~containers/etcd-449"}, False),
        ("metallb", {}, True),
        ("metallb", {"local": "./mine.charm"}, True),
    ],
)
def test_another_charm_may_have_other_resources(
    tmp_path: Path, application: str, charm: dict[str, str], struck: bool
) -> None:
    """The profile's facts are of its own revisions; this suite's charms are known anyway."""
    given = {"resources": {"core": 1}, **({"charm": charm} if charm else {})}
    pools = {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}
    found = of_site(tmp_path, {"metallb": {"pools": pools}, "applications": {application: given}})

    places = [one.path for one in found if one.id == "BL085"]
    assert places == [f"applications.{application}.resources.core"] * struck
    assert "core" not in load_profile("k8s-1.13").charms["etcd"].resources
