"""Rules about the files that an air-gapped lab needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.catalogue.profiles import load_profile
from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule

CLOSED = {"charms": {"source": "local"}, "kubernetes": {"registry": "registry.lab.example"}}
OPEN_SITES = [
    {**CLOSED, "charms": {"source": "store"}},
    {**CLOSED, "kubernetes": {}},
    {**CLOSED, "proxy": {"http": "http://proxy.lab.example:3128", "no-proxy": ["10.0.0.0/24"]}},
]
SNAPS = {"kubernetes-master": {"resources": {"kubectl": "./kubectl.snap"}}}
POOLS = {"pools": {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}}
PIN = f"http://files.lab.example/x.tar.gz#sha256={'0' * 64}"


def missing_for(directory: Path, layer: dict[str, Any], name: str) -> str:
    """Return the missing files of an application, as the finding lists them."""
    messages = [
        finding.message
        for finding in of_rule(assess_layer(directory, layer).findings, "BL091")
        if path_text(finding.path) == f"applications.{name}.resources"
    ]
    assert len(messages) < 2
    return _missing(messages[0]).removesuffix(f" for {name}") if messages else ""


def missing_for_kubeflow(directory: Path, layer: dict[str, Any]) -> str:
    """Return the missing files of Kubeflow, as the finding lists them."""
    findings = of_rule(assess_layer(directory, layer).findings, "BL082")
    assert len(findings) < 2
    return _missing(findings[0].message) if findings else ""


def _missing(message: str) -> str:
    return message.partition("does not provide ")[2]


def closed_layer(channel: str, kubeflow: dict[str, str], **resources: str) -> dict[str, Any]:
    """Return a layer of an air-gapped site with Kubeflow and resources of its installer."""
    return {
        **CLOSED,
        "kubernetes": {"registry": "registry.lab.example", "channel": f"{channel}/stable"},
        "kubeflow": kubeflow,
        "applications": {"kubeflow-installer": {"resources": resources}},
    }


@pytest.mark.parametrize(
    ("channel", "metallb", "override", "missing"),
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
def test_metallb_needs_its_manifest_from_0_13_on(
    tmp_path: Path, channel: str, metallb: dict[str, str], override: dict[str, Any], missing: str
) -> None:
    """Whether the site names the release or the charm chooses it."""
    layer = {
        **CLOSED,
        "kubernetes": {**CLOSED["kubernetes"], "channel": channel},
        "metallb": {**POOLS, **metallb},
        "applications": {"metallb": override},
    }

    assert missing_for(tmp_path, layer, "metallb") == missing


@pytest.mark.parametrize(
    ("override", "missing"),
    [
        ({}, "toolkit"),
        ({"resources": {"toolkit": "./toolkit.tar.gz"}}, ""),
        ({"options": {"toolkit": "host"}}, ""),
        ({"options": {"toolkit": "custom", "toolkit-source": "deb http://mirror /"}}, ""),
        ({"options": {"toolkit": "nvidia"}}, "toolkit"),
    ],
)
def test_nvidia_runtime_needs_a_toolkit_that_is_attached_installed_or_mirrored(
    tmp_path: Path, override: dict[str, Any], missing: str
) -> None:
    """Otherwise it would download NVIDIA's packages."""
    layer = {**CLOSED, "applications": {"nvidia-runtime": override}}
    layer["machines"] = {"node2": {"gpu": True}}

    assert missing_for(tmp_path, layer, "nvidia-runtime") == missing


@pytest.mark.parametrize(
    ("name", "missing"),
    [("flannel", "flannel-amd64, flannel-arm64"), ("kubernetes-worker", "cni-arm64, kube-proxy")],
)
def test_archives_are_needed_for_the_architectures_of_the_machines(
    tmp_path: Path, name: str, missing: str
) -> None:
    """A subordinate runs on the machines of its principals."""
    layer = {**CLOSED, "machines": {"node2": {"constraints": "arch=arm64"}}}

    assert missing_for(tmp_path, layer, name).startswith(missing)


def test_another_charm_than_the_profiles_may_need_other_files(tmp_path: Path) -> None:
    """Nothing is reported about it."""
    other_charm = {"applications": {"easyrsa": {"charm": {"local": "./mine"}}}}

    assert missing_for(tmp_path, CLOSED, "easyrsa") == "easyrsa"
    assert missing_for(tmp_path, {**CLOSED, **other_charm}, "easyrsa") == ""


@pytest.mark.parametrize("site", OPEN_SITES)
def test_site_that_may_reach_the_internet_needs_no_files(
    tmp_path: Path, site: dict[str, Any]
) -> None:
    """Its charms come from a store, its images from upstream, or it names a proxy."""
    assert missing_for(tmp_path, site, "easyrsa") == ""
    assert missing_for_kubeflow(tmp_path, {**site, "kubeflow": {"version": "0.6.2"}}) == ""


def test_snaps_from_files_are_a_sign_of_an_air_gapped_lab(tmp_path: Path) -> None:
    """Without a registry the images are missing too."""
    layer = {
        "charms": {"source": "local"},
        "kubernetes": {"channel": "1.14/stable"},
        "applications": SNAPS,
        "kubeflow": {"version": "0.7.1"},
    }

    assert missing_for_kubeflow(tmp_path, layer) == "manifests, a registry for the images"


@pytest.mark.parametrize(
    ("channel", "version", "resources", "missing"),
    [
        ("1.13", "0.6.2", {}, "manifests, platform"),
        ("1.13", "0.6.2", {"manifests": "./m.tar.gz", "platform": "./k.tar.gz"}, ""),
        ("1.14", "0.7.1", {"manifests": "./m.tar.gz"}, ""),
        ("1.26", "1.8.1", {}, "kustomize-amd64, manifests"),
        ("1.26", "1.8.1", {"manifests": "./m.tar.gz"}, "kustomize-amd64"),
        ("1.26", "1.8.1", {"manifests": "./m.yaml.gz"}, ""),
        ("1.35", "26.03", {}, "manifests"),
        ("1.35", "26.03", {"manifests": "./m.tar.gz"}, "manifests that are already built"),
        ("1.35", "26.03", {"manifests": "./m.yml.gz"}, ""),
    ],
)
def test_kubeflow_needs_the_files_of_its_release(
    tmp_path: Path, channel: str, version: str, resources: dict[str, str], missing: str
) -> None:
    """Kfctl itself is reported by BL079."""
    layer = closed_layer(channel, {"version": version}, **resources)

    assert missing_for_kubeflow(tmp_path, layer) == missing


def test_pinned_urls_replace_files_of_kubeflow(tmp_path: Path) -> None:
    """A file server inside the lab is as good as an attached file."""
    urls = {"manifests-url": PIN, "platform-url": PIN}
    layer = closed_layer("1.13", {"version": "0.6.2", **urls})
    assert missing_for_kubeflow(tmp_path, layer) == ""

    built = {"manifests-url": PIN.replace(".tar.gz", ".yaml")}
    layer = closed_layer("1.26", {"version": "1.8.1", **built})
    assert missing_for_kubeflow(tmp_path, layer) == ""


def test_kustomize_is_needed_for_the_architecture_of_the_machine(tmp_path: Path) -> None:
    """Only one of the two archives."""
    layer = closed_layer("1.26", {"version": "1.8.1", "manifests-url": PIN})
    layer["machines"] = {"node0": {"constraints": "arch=arm64"}}

    assert missing_for_kubeflow(tmp_path, layer) == "kustomize-arm64"


@pytest.mark.parametrize("profile", ["k8s-1.13", "charmed-k8s"])
def test_files_for_an_air_gapped_lab_are_resources_of_their_charms(profile: str) -> None:
    """The catalogue does not name any other."""
    for charm in load_profile(profile).charms.values():
        files = {file.format(arch="amd64") for file in charm.offline_resources}
        assert files <= set(charm.resources)


def test_flannel_needs_an_archive_per_architecture() -> None:
    """The catalogue says so."""
    assert load_profile("k8s-1.13").charms["flannel"].offline_resources == ("flannel-{arch}",)
