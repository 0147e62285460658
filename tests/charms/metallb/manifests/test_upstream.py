"""Upstream's manifest is checked, and adapted to the site."""

from __future__ import annotations

import pytest

from helpers.damage import damaged_texts
from labcharm.errors import BlockedError
from metallb.manifests.settings import Settings
from metallb.manifests.upstream import adapted_objects, read_manifest, release_of
from metallb.releases import find

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


def test_manifest_is_adapted_to_the_site() -> None:
    """The settings are added, and fields that the controller writes are left to it."""
    settings = Settings("reg.lab", (("rack", "a"),), ((("operator", "Exists"),),), "debug")
    namespace, definition, deployment = adapted_objects(
        read_manifest(MANIFEST), settings, find("v0.15.3"), has_pod_security_policies=False
    )

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    client = definition["spec"]["conversion"]["webhook"]["clientConfig"]
    assert client == {"service": {"name": "s"}}
    pod = deployment["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"kubernetes.io/os": "linux", "rack": "a"}
    assert pod["tolerations"] == [{"operator": "Exists"}]
    assert pod["containers"][0]["image"] == "reg.lab/metallb/controller:v0.15.3"
    assert pod["containers"][0]["args"] == ["--port=7472", "--log-level=debug"]


def test_policies_are_added_where_the_server_has_them() -> None:
    """Upstream's manifest no longer brings them, and its roles still name them."""
    objects = adapted_objects(
        read_manifest(MANIFEST),
        Settings("", (), (), "info"),
        find("v0.13.12"),
        has_pod_security_policies=True,
    )

    policies = [entry for entry in objects if entry["kind"] == "PodSecurityPolicy"]
    assert [policy["metadata"]["name"] for policy in policies] == ["controller", "speaker"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is not YAML"),
        ("- a", "a document that is not an object"),
        ("kind: Pod\napiVersion: v1\nmetadata: {name: x}", "contains Pod; attach metallb"),
        ("a: 2019-02-31", "is not YAML"),
        ("a: !!bool maybe", "is not YAML"),
        ("[" * 3000, "is not YAML"),
        (MANIFEST.replace("metadata: {name: controller}", "metadata: [name]"), "not an object"),
        (MANIFEST.replace("image:", "images:"), "not an object"),
    ],
)
def test_text_that_is_not_a_manifest_is_refused(text: str, message: str) -> None:
    """Before any of it is applied."""
    with pytest.raises(BlockedError, match=message):
        read_manifest(text)


def test_damaged_manifest_is_refused_or_adapted() -> None:
    """The resource may be any file."""
    refused = 0
    for text in damaged_texts(MANIFEST, 400):
        try:
            objects = read_manifest(text)
            release_of(text)
        except BlockedError:
            refused += 1
            continue
        adapted_objects(objects, Settings("r", (), (), "info"), find("v0.15.3"), True)
    assert refused > 100


def test_release_of_a_manifest_is_its_controllers() -> None:
    """A manifest without a controller of 0.13 or later is refused."""
    assert release_of(MANIFEST).name == "v0.15.3"
    for image in ("controller:v0.9.3", "controller:v0.12.1", "else:v0.13.5"):
        with pytest.raises(BlockedError):
            release_of(MANIFEST.replace("controller:v0.15.3", image))
