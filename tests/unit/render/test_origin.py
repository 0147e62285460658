"""The keys of the site file that decide the parts of the bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.findings import KeyPath, path_text
from botlab.render.origin import site_path
from botlab.site.load import Layer, load_site
from botlab.site.model import Site
from helpers.assessments import assess_layer

SITE = """
site: lab
juju: "3.6"
kubernetes: {profile: charmed-k8s}
machines: {node0: {roles: [control-plane]}, node1: {roles: [worker]}}
nfs: {server: node0, path: /srv, networks: [10.0.0.0/24]}
metallb: {pools: {web: {addresses: [10.0.0.0/28]}, default: {addresses: [10.0.1.0/28]}}}
kubeflow: {hostname: flow.lab.example}
applications:
  etcd: {options: {channel: 3.4/stable}, num-units: 3, resources: {snapshot: 0}}
"""


def origin_site() -> Site:
    """Return a site that sets some keys of each section."""
    site = load_site([Layer(SITE)]).site
    assert site is not None
    return site


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("3.4/stabel", 'for application "etcd": risk in channel "3.4/stabel" not valid'),
        ("stable/", 'for application "etcd": branch in channel "stable/" not valid'),
    ],
)
def test_invalid_channel_is_reported_at_the_key_of_the_site(
    tmp_path: Path, channel: str, message: str
) -> None:
    """The bundle has the channel beside the charm, and the site below it."""
    layer = {
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s", "channel": "1.35/stable"},
        "applications": {"etcd": {"charm": {"charmhub": "etcd", "channel": channel}}},
    }
    findings = assess_layer(tmp_path, layer).findings

    assert [
        (path_text(finding.path), finding.message) for finding in findings if finding.id == "J044"
    ] == [("applications.etcd.charm.channel", message)]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ((), ()),
        (("name",), ("kubernetes", "profile")),
        (("machines",), ("kubernetes", "profile")),
        (("machines", "1", "constraints"), ("machines", "node1", "constraints")),
        (("machines", "2"), ("machines",)),
        (("machines", "node1"), ("machines",)),
        (("applications", "etcd", "options", "channel"), None),
        (("applications", "etcd", "resources", "snapshot"), None),
        (("applications", "etcd", "constraints"), ("kubernetes", "profile")),
        (("applications", "etcd", "num_units"), ("kubernetes", "profile")),
        (("applications", "etcd"), ("kubernetes", "profile")),
        (("applications", "etcd", "storage"), ("kubernetes", "profile")),
        (("applications", "etcd", "to", 0), ("machines",)),
        (("applications", "etcd", "options"), None),
        (("applications", "calico", "options", "cidr"), ("networks", "pods")),
        (("applications", "calico", "options", "unknown"), ("kubernetes", "profile")),
        (("applications", "metallb"), ("metallb",)),
        (("applications", "metallb", "to", 0), ("machines",)),
        (("applications", "metallb", "options", "version"), ("metallb", "version")),
        (("applications", "metallb", "options", "pools"), ("metallb", "pools")),
        (
            ("applications", "metallb", "options", "addresses", 2),
            ("metallb", "pools", "default", "addresses", 2),
        ),
        (
            ("applications", "metallb", "options", "pools", "address-pools", 1, "addresses", 0),
            ("metallb", "pools", "default", "addresses", 0),
        ),
        (
            ("applications", "metallb", "options", "pools", "address-pools", 2),
            ("metallb", "pools"),
        ),
        (
            ("applications", "metallb", "options", "pools", "peers", 1, "peer-asn"),
            ("metallb", "peers", 1, "peer-asn"),
        ),
        (("applications", "nfs-server", "options", "export-root"), ("nfs", "path")),
        (("applications", "nfs-server", "options", "clients"), ("nfs",)),
        (("applications", "nfs-server", "storage", "data"), ("nfs", "storage")),
        (("applications", "nfs-server", "to", 0), ("nfs", "server")),
        (("applications", "nvidia-runtime", "options", "pins"), ("nvidia", "pins")),
        (("applications", "kubeflow-installer", "options", "hostname"), ("kubeflow", "hostname")),
        (("applications", "kubeflow-installer", "options", "none"), ("kubeflow",)),
    ],
)
def test_key_of_the_bundle_is_reported_at_the_key_of_the_site(
    path: KeyPath, key: KeyPath | None
) -> None:
    """None stands for the same key: the site sets it for the application itself."""
    assert site_path(origin_site(), path) == (path if key is None else key)


def test_charm_and_resources_of_an_entry_are_shared_each_by_itself() -> None:
    """The application of an entry may name one of them."""
    layer = """
workers: {a: {}}
applications:
  kubernetes-worker: {charm: {charmhub: fork, channel: 1/edge}, resources: {cni: 1}}
  kubernetes-worker-a: {resources: {cni: 2}}
"""
    site = load_site([Layer(SITE), Layer(layer)]).site
    assert site is not None
    name = "kubernetes-worker-a"

    assert [
        site_path(site, ("applications", name, *key))
        for key in (
            ("charm",),
            ("channel",),
            ("resources", "cni"),
        )
    ] == [
        ("applications", "kubernetes-worker", "charm"),
        ("applications", "kubernetes-worker", "charm", "channel"),
        ("applications", name, "resources", "cni"),
    ]
