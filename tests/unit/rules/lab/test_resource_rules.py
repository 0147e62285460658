"""The rules about resources, beyond the one fault and the one near miss of each page."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.profiles import load_profile
from botlab.findings import Finding, path_text
from botlab.assessment import Request, assess
from botlab.juju import Juju
from botlab.rules.lab import lab_findings
from botlab.rules.lab.airgap import FIRST_BY_MANIFEST, FIRST_KUBERNETES
from botlab.rules.lab.examples import base_site
from botlab.rules.subject import Subject

ROOT = Path(__file__).resolve().parents[4]
KFCTL = "applications.kubeflow-installer.resources.kfctl"


def of_site(tmp_path: Path, layer: dict[str, Any], output: Path | None = None) -> list[Finding]:
    """Return the findings of a layer over the rules' base site."""
    (tmp_path / "site.yaml").write_text(base_site(), encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(yaml.safe_dump(layer), encoding="utf-8")
    site, layers = tmp_path / "site.yaml", [tmp_path / "layer.yaml"]
    return list(assess(Request(site, layers=layers, output=output)).findings)


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
        return [(path_text(one.path), f"{tmp_path}/kfctl.tar.gz" in one.message) for one in found]

    assert missed() == [(KFCTL, True)]
    (tmp_path / "kfctl.tar.gz").mkdir()
    assert missed() == [(KFCTL, True)]
    (tmp_path / "kfctl.tar.gz").rmdir()
    (tmp_path / "kfctl.tar.gz").write_bytes(b"")
    assert missed() == []


@pytest.mark.parametrize(
    ("value", "missed"),
    [
        ("./image.yaml", True),
        ("/none/x", True),
        (f"./{'x' * 300}", True),
        ("registry.lab.example/x:1", False),
        (3, False),
    ],
)
def test_what_may_be_an_image(value: int | str, missed: bool) -> None:
    """Of a charm that nobody knows: a path is a file, anything else may be an image."""
    bundle = {"applications": {"a": {"charm": "cs:a-1", "resources": {"r": value}}}}
    parsed = parse_bundle(BundleSource(yaml.safe_dump(bundle), directory="/none"), Juju.V2_9)
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

    places = [path_text(one.path) for one in found if one.id == "BL085"]
    assert places == [f"applications.{application}.resources.core"] * struck
    assert "core" not in load_profile("k8s-1.13").charms["etcd"].resources


CLOSED = {"charms": {"source": "local"}, "kubernetes": {"registry": "registry.lab.example"}}
POOLS = {"pools": {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}}


def lacking(tmp_path: Path, layer: dict[str, Any], name: str) -> str:
    """Return what an application of a lab without a way out lacks; empty without a finding."""
    path = f"applications.{name}.resources"
    found = [
        one.message.partition(f"nothing gives {name} ")[2]
        for one in of_site(tmp_path, layer)
        if (one.id, path_text(one.path)) == ("BL091", path)
    ]
    assert len(found) < 2
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("channel", "metallb", "given", "lacks"),
    [
        ("1.13/stable", {}, {}, ""),
        ("1.20/stable", {}, {}, ""),
        ("1.21/stable", {}, {}, "manifest"),
        ("1.20/stable", {"version": "v0.13.12"}, {}, "manifest"),
        ("1.21/stable", {"version": "v0.12.1"}, {}, ""),
        ("1.35/stable", {}, {"resources": {"manifest": "./m.yaml"}}, ""),
        ("1.35/stable", {}, {"options": {"manifest-url": "http://files/m#sha256=0"}}, ""),
    ],
)
def test_the_manifest_of_metallb(
    tmp_path: Path, channel: str, metallb: dict[str, str], given: dict[str, Any], lacks: str
) -> None:
    """From 0.13 on, asked for or taken because of the Kubernetes."""
    layer = {
        **CLOSED,
        "kubernetes": {**CLOSED["kubernetes"], "channel": channel},
        "metallb": {**POOLS, **metallb},
        "applications": {"metallb": given},
    }
    assert lacking(tmp_path, layer, "metallb") == lacks


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({}, "toolkit"),
        ({"resources": {"toolkit": "./toolkit.tar.gz"}}, ""),
        ({"options": {"toolkit": "host"}}, ""),
        ({"options": {"toolkit": "custom", "toolkit-source": "deb http://mirror /"}}, ""),
        ({"options": {"toolkit": "nvidia"}}, "toolkit"),
    ],
)
def test_the_toolkit_of_nvidia(tmp_path: Path, given: dict[str, Any], lacks: str) -> None:
    """Attached, on the machine, or from a mirror."""
    layer = {**CLOSED, "applications": {"nvidia-runtime": given}}
    layer["machines"] = {"node2": {"gpu": True}}

    assert lacking(tmp_path, layer, "nvidia-runtime") == lacks


@pytest.mark.parametrize(
    ("name", "lacks"),
    [("flannel", "flannel-amd64, flannel-arm64"), ("kubernetes-worker", "cni-arm64, kube-proxy")],
)
def test_archives_of_the_machines_own_kind(tmp_path: Path, name: str, lacks: str) -> None:
    """An archive per architecture on which the application, or its principal, stands."""
    layer = {**CLOSED, "machines": {"node2": {"constraints": "arch=arm64"}}}

    assert lacking(tmp_path, layer, name).startswith(lacks)


def test_a_lab_with_a_way_out_fetches(tmp_path: Path) -> None:
    """And another charm than the profile's may need other files."""
    other = {"applications": {"easyrsa": {"charm": {"local": "./mine"}}}}

    assert lacking(tmp_path, CLOSED, "easyrsa") == "easyrsa"
    assert lacking(tmp_path, {**CLOSED, **other}, "easyrsa") == ""
    assert lacking(tmp_path, {**CLOSED, "charms": {"source": "store"}}, "easyrsa") == ""


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import the releases of the charm metallb, and forget them again."""
    before = set(sys.modules)
    for folder in (ROOT / "charms/metallb/src", ROOT / "charms/shared/lib"):
        monkeypatch.syspath_prepend(str(folder))
    yield importlib.import_module("metallb.upstream.releases")
    for name in set(sys.modules) - before:
        if name.startswith(("metallb", "labcharm", "labkube")):
            del sys.modules[name]


def test_the_charms_own_word_on_manifests(releases: Any) -> None:
    """By which release, and on which Kubernetes one is taken unasked."""
    servers = [(1, minor) for minor in range(13, 41)]
    fetching = [one for one in servers if releases.by_resources(releases.choose(one, ""))]

    assert fetching[0] == FIRST_KUBERNETES
    assert fetching == servers[servers.index(FIRST_KUBERNETES) :]
    assert releases.CRDS[:2] == FIRST_BY_MANIFEST


def test_what_is_needed_is_a_resource_of_the_charm() -> None:
    """No catalogue names one that its charm does not have."""
    for profile in ("k8s-1.13", "charmed-k8s"):
        for charm in load_profile(profile).charms.values():
            assert {one.format(arch="amd64") for one in charm.offline} <= set(charm.resources)
    assert load_profile("k8s-1.13").charms["flannel"].offline == ("flannel-{arch}",)
