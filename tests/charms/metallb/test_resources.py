"""A configuration as a ConfigMap or custom resources, and upstream's manifest made to fit."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import yaml

from helpers.file_server import Server
from metallb.config.resources import configuration, unnameable
from metallb.upstream.manifest import ManifestError, fetch, fitted, is_it, read, release_of, source
from metallb.upstream.objects import Settings
from metallb.upstream.releases import find

DATA: dict[str, Any] = {
    "peers": [
        {
            "peer-address": "10.0.0.1", "peer-asn": 64501, "my-asn": 64500, "hold-time": "90s",
            "node-selectors": [{"match-labels": {"rack": "a"}}],
        }
    ],
    "bgp-communities": {"mine": "65535:65282"},
    "address-pools": [
        {"name": "default", "protocol": "layer2", "addresses": ["10.0.0.0/28"]},
        {
            "name": "public", "protocol": "bgp", "addresses": ["198.51.100.0/24"],
            "auto-assign": False, "bgp-advertisements": [{"localpref": 100}, {}],
        },
    ],
}  # fmt: skip
MANIFEST = """\
apiVersion: v1
kind: Namespace
metadata: {name: metallb-system, creationTimestamp: null}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: x.metallb.io}
spec: {conversion: {webhook: {clientConfig: {caBundle: Zm9v, service: {name: s}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers:
      - args: [--port=7472, --log-level=info]
        image: quay.io/metallb/controller:v0.15.3
"""


def test_a_config_map_holds_what_was_judged() -> None:
    """As text that reads back the same."""
    (found,) = configuration(find("v0.8.1"), DATA)

    assert found["kind"] == "ConfigMap"
    assert yaml.safe_load(found["data"]["config"]) == DATA


def test_custom_resources() -> None:
    """Each pool announced its way, under the names of MetalLB's own migration tool."""
    found = configuration(find("v0.13.12"), DATA)
    specs = {f"{one['kind']} {one['metadata']['name']}": one["spec"] for one in found}

    assert specs == {
        "IPAddressPool default": {
            "addresses": ["10.0.0.0/28"], "autoAssign": True, "avoidBuggyIPs": False,
        },
        "IPAddressPool public": {
            "addresses": ["198.51.100.0/24"], "autoAssign": False, "avoidBuggyIPs": False,
        },
        "L2Advertisement l2advertisement1": {"ipAddressPools": ["default"]},
        "BGPAdvertisement bgpadvertisement1": {"localPref": 100, "ipAddressPools": ["public"]},
        "BGPAdvertisement bgpadvertisement2": {"ipAddressPools": ["public"]},
        "BGPPeer peer1": {
            "peerAddress": "10.0.0.1", "peerASN": 64501, "myASN": 64500, "holdTime": "90s",
            "nodeSelectors": [{"matchLabels": {"rack": "a"}}],
        },
        "Community communities": {"communities": [{"name": "mine", "value": "65535:65282"}]},
    }  # fmt: skip


def test_names_that_are_no_objects() -> None:
    """From 0.13 on a pool is an object."""
    assert unnameable(DATA) == []
    (told,) = unnameable({"address-pools": [{"name": "My_Pool"}]})
    assert "'My_Pool'" in told


def test_a_manifest_is_made_to_fit() -> None:
    """Ours on top; what the controller writes by itself is left to it."""
    settings = Settings("reg.lab", (("rack", "a"),), ((("operator", "Exists"),),), "debug")
    namespace, definition, deployment = fitted(
        read(MANIFEST), settings, find("v0.15.3"), psp=False
    )

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    client = definition["spec"]["conversion"]["webhook"]["clientConfig"]
    assert client == {"service": {"name": "s"}}
    pod = deployment["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"kubernetes.io/os": "linux", "rack": "a"}
    assert pod["tolerations"] == [{"operator": "Exists"}]
    assert pod["containers"][0]["image"] == "reg.lab/metallb/controller:v0.15.3"
    assert pod["containers"][0]["args"] == ["--port=7472", "--log-level=debug"]


def test_policies_where_the_server_has_them() -> None:
    """Upstream no longer brings them, and its roles still name them."""
    found = fitted(read(MANIFEST), Settings("", (), (), "info"), find("v0.13.12"), psp=True)

    names = [one["metadata"]["name"] for one in found if one["kind"] == "PodSecurityPolicy"]
    assert names == ["controller", "speaker"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "no YAML"),
        ("- a", "no object"),
        ("kind: Pod\nmetadata: {name: x}", "holds Pod; give metallb-native.yaml"),
    ],
)
def test_what_is_no_manifest(text: str, words: str) -> None:
    """Is refused before anything of it is applied."""
    with pytest.raises(ManifestError, match=words):
        read(text)


def test_the_release_of_a_manifest() -> None:
    """Is its controller's."""
    assert release_of(MANIFEST).name == "v0.15.3"
    for old in ("controller:v0.9.3", "controller:v0.12.1", "else:v0.13.5"):
        with pytest.raises(ManifestError):
            release_of(MANIFEST.replace("controller:v0.15.3", old))


def test_a_download_is_held_against_its_digest() -> None:
    """The right one is taken, another is not, and one that does not come may come later."""
    digest = hashlib.sha256(MANIFEST.encode()).hexdigest()
    with Server() as server:
        server.files["manifest.yaml"] = MANIFEST.encode()
        url = f"{server.url}/manifest.yaml"

        assert fetch(url, digest, {}) == MANIFEST
        assert is_it(MANIFEST, digest)
        with pytest.raises(ManifestError, match=f"has the SHA-256 {digest}, not 00"):
            fetch(url, "00", {})
        with pytest.raises(ManifestError, match="attach the manifest") as caught:
            fetch(f"{server.url}/absent", digest, {})
        assert caught.value.passes


def test_a_release_without_a_known_digest_is_not_fetched() -> None:
    """It could be anything."""
    with pytest.raises(ManifestError, match=r"digest of v0\.15\.2 is not known here"):
        source(find("v0.15.2"))
    assert source(find("v0.15.3")).endswith("/v0.15.3/config/manifests/metallb-native.yaml")
