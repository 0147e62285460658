"""Rules about networks and the proxy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule, paths_of


@pytest.mark.parametrize(
    ("exceptions", "is_reported"),
    [
        (["10.0.0.0/24"], False),
        (["localhost", "10.0.0.0/8"], False),
        (["*"], False),
        (["10.0.0.0/25"], True),
        (["10.0.1.0/24", ".lab.example", "::/0"], True),
        ([], True),
    ],
)
def test_proxy_exceptions_must_include_the_whole_lan(
    tmp_path: Path, exceptions: list[str], is_reported: bool
) -> None:
    """A network around the LAN is as good as the LAN."""
    proxy = {"http": "http://proxy.lab.example:3128", "no-proxy": exceptions}
    findings = assess_layer(tmp_path, {"proxy": proxy}).findings

    assert bool(of_rule(findings, "BL069")) is is_reported


def networks(**further: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with further networks of the machines."""
    return {"networks": further}


def test_further_networks_are_checked_like_the_lan(tmp_path: Path) -> None:
    """Their parts, overlaps, and the addresses of machines and pools in them."""
    layer = networks(
        storage={"cidr": "10.9.0.0/24", "gateway": "10.8.0.1", "dhcp": ["10.9.0.50-10.9.1.9"]},
        copy={"cidr": "10.9.0.0/25"},
    )
    layer["machines"] = {
        "node0": {"addresses": ["10.9.0.7"]},
        "node1": {"addresses": ["10.7.0.7"]},
    }
    layer["metallb"] = {
        "pools": {
            "a": {"addresses": ["10.9.0.60-10.9.0.70"]},
            "b": {"addresses": ["10.7.0.60-10.7.0.70"]},
        }
    }
    findings = assess_layer(tmp_path, layer).findings

    assert paths_of(findings, "BL064") == ["networks.storage.dhcp[0]", "networks.storage.gateway"]
    assert paths_of(findings, "BL034") == ["networks.copy.cidr"]
    assert paths_of(findings, "BL063") == ["machines.node1.addresses"]
    assert paths_of(findings, "BL031") == ["metallb.pools.a.addresses[0]"]
    assert paths_of(findings, "BL033") == ["metallb.pools.b.addresses[0]"]


@pytest.mark.parametrize(
    ("count", "end"), [(9, "10.9.8.0/24"), (12, "10.9.6.0/24 or 3 other networks")]
)
def test_message_about_a_machine_outside_names_a_few_networks(
    count: int, end: str, tmp_path: Path
) -> None:
    """The LAN and nine further ones."""
    layer = networks(**{f"n{number}": {"cidr": f"10.9.{number}.0/24"} for number in range(count)})
    layer["machines"] = {
        "node0": {"addresses": ["10.9.1.7"]},
        "node1": {"addresses": ["fd00::1"]},
    }

    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL063")

    assert finding.message.startswith("node1 has no address in the LAN ")
    assert finding.message.endswith(f" or {end}")


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("networks: {storage: {cidr: x}}", "networks.storage.cidr", "not a network"),
        ("networks: {storage: {cdr: 10.9.0.0/24}}", "networks.storage.cdr", "is not a key"),
        ("networks: {pod: 10.2.0.0/16}", "networks.pod", "should be a mapping"),
        (
            "networks: {Rack_A: {cidr: 10.9.0.0/24}}",
            "networks.Rack_A",
            "not the name of a network",
        ),
    ],
)
def test_wrong_further_network_is_refused_at_its_key(
    tmp_path: Path, text: str, path: str, reason: str
) -> None:
    findings = assess_layer(tmp_path, text, is_valid=False).findings
    messages = {path_text(finding.path): finding.message for finding in findings}

    assert reason in messages[path]


def test_space_of_the_lan_is_the_default_of_all_endpoints(tmp_path: Path) -> None:
    """An application's bindings come on top, and must be spaces of the site's networks."""
    layer = {
        "networks": {
            "lan": {"space": "lab"},
            "storage": {"cidr": "10.9.0.0/24", "space": "san"},
        },
        "nfs": {"server": "node0"},
        "applications": {
            "etcd": {"bindings": {"db": "sand"}},
            "nfs-server": {"bindings": {"": "san"}},
        },
    }
    assessment = assess_layer(tmp_path, layer)
    assert assessment.bundle is not None
    bindings = {name: app.bindings for name, app in assessment.bundle.applications.items() if app}

    assert bindings["easyrsa"] == {"": "lab"}
    assert bindings["etcd"] == {"": "lab", "db": "sand"}
    assert bindings["nfs-server"] == {"": "san"}
    (finding,) = of_rule(assessment.findings, "BL156")
    assert finding.path == ("applications", "etcd", "bindings", "db")
    assert finding.fix == "did you mean san?"


def test_bindings_are_not_checked_if_no_network_has_a_space(tmp_path: Path) -> None:
    layer = {"applications": {"etcd": {"bindings": {"db": "san"}}}}

    assert of_rule(assess_layer(tmp_path, layer).findings, "BL156") == []


POOLS = {
    "a": {"addresses": ["10.0.0.200-10.0.0.210"]},
    "b": {"addresses": ["10.9.0.200-10.9.0.210"]},
}


@pytest.mark.parametrize(("protocol", "is_reported"), [("layer2", True), ("bgp", False)])
def test_layer2_pools_of_two_racks_are_reported(
    tmp_path: Path, protocol: str, is_reported: bool
) -> None:
    """BGP routes each address to its rack."""
    pools = {**POOLS, "b": {**POOLS["b"], "protocol": protocol}}
    layer = networks(rack={"cidr": "10.9.0.0/24"})
    peer = {"peer-address": "10.9.0.1", "peer-asn": 1, "my-asn": 2, "node-labels": {"rack": "b"}}
    layer["metallb"] = {"pools": pools, "peers": [peer]}
    assessment = assess_layer(tmp_path, layer)

    expected = ["metallb.pools.b.addresses[0]"] if is_reported else []
    assert paths_of(assessment.findings, "BL157") == expected
    assert assessment.bundle is not None
    metallb = assessment.bundle.applications["metallb"]
    assert metallb is not None
    configuration = yaml.safe_load(str(metallb.options["pools"]))
    assert configuration["peers"][0]["node-selectors"] == [{"match-labels": {"rack": "b"}}]


PODS, SERVICES = "fd00:1::/64", "fd00:2::/112"


@pytest.mark.parametrize(
    ("profile", "sections", "paths"),
    [
        ("charmed-k8s", {"pods-ipv6": PODS, "services-ipv6": SERVICES}, []),
        ("charmed-k8s", {"pods-ipv6": PODS}, ["pods-ipv6"]),
        ("charmed-k8s", {"services-ipv6": SERVICES}, ["services-ipv6"]),
        (
            "charmed-k8s",
            {"pods-ipv6": "10.3.0.0/16", "services-ipv6": SERVICES},
            ["pods-ipv6", "services-ipv6"],
        ),
        (
            "k8s-1.13",
            {"pods-ipv6": PODS, "services-ipv6": SERVICES},
            ["pods-ipv6", "services-ipv6"],
        ),
    ],
)
def test_both_ip_versions_need_networks_and_a_release_that_fit(
    tmp_path: Path, profile: str, sections: dict[str, str], paths: list[str]
) -> None:
    juju = "2.9" if profile == "k8s-1.13" else "3.6"
    layer = {"juju": juju, "kubernetes": {"profile": profile}, "networks": sections}

    findings = assess_layer(tmp_path, layer).findings

    assert paths_of(findings, "BL158") == [f"networks.{path}" for path in paths]


def test_cluster_with_both_ip_versions_has_both_networks_in_its_options(tmp_path: Path) -> None:
    """As the page of Charmed Kubernetes about IPv6 writes them."""
    layer = {
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s"},
        "networks": {"pods-ipv6": PODS, "services-ipv6": SERVICES},
        "proxy": {"http": "http://10.0.0.9:3128", "no-proxy": ["10.0.0.0/24"]},
    }
    assessment = assess_layer(tmp_path, layer)
    assert assessment.bundle is not None
    options = {name: app.options for name, app in assessment.bundle.applications.items() if app}

    assert options["calico"]["cidr"] == f"10.1.0.0/16,{PODS}"
    assert options["kubernetes-control-plane"]["service-cidr"] == f"10.152.183.0/24,{SERVICES}"
    assert options["containerd"]["no_proxy"].endswith(f",{SERVICES},10.1.0.0/16,{PODS}")
    assert f",{SERVICES},10.1.0.0/16,{PODS}" in assessment.model_config


def test_network_of_an_overlay_with_another_name_counts(tmp_path: Path) -> None:
    """The charm decides, whatever the name of its application is."""
    layer = {"networks": {"pods": "10.1.0.0/24"}, "juju": "2.9"}
    overlay = "applications: {flannel: null, pods: {charm: flannel}}\n"

    findings = assess_layer(tmp_path, layer, overlay=overlay).findings

    assert paths_of(findings, "BL068") == ["networks.pods"]
