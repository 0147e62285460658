"""The network of the pods that a site chooses, and addresses in front of the API servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.bundle.model import Bundle
from botlab.catalogue.profiles import load_profile
from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule, paths_of

NETWORKS = load_profile("charmed-k8s").networks
WORKERS = "kubernetes-worker"
CONTROL_PLANE = "kubernetes-control-plane"


def layer(**kubernetes: Any) -> dict[str, Any]:
    """Return a layer with today's charms and keys of `kubernetes`."""
    return {"juju": "3.6", "kubernetes": {"profile": "charmed-k8s", **kubernetes}}


def bundle_of(directory: Path, changes: dict[str, Any]) -> Bundle:
    """Return the bundle of the example site with a layer."""
    bundle = assess_layer(directory, changes).bundle
    assert bundle is not None
    return bundle


def options_of(bundle: Bundle, name: str) -> dict[str, Any]:
    """Return the options of an application."""
    application = bundle.applications[name]
    assert application is not None
    return application.options


def test_profile_of_today_has_four_networks() -> None:
    assert NETWORKS == ["calico", "flannel", "cilium", "kube-ovn"]
    assert load_profile("k8s-1.13").networks == ["flannel"]


@pytest.mark.parametrize("cni", ["", *NETWORKS])
def test_bundle_has_the_chosen_network_only(cni: str, tmp_path: Path) -> None:
    """Related to the control plane and to the workers. The default is the first one."""
    chosen = cni or "calico"
    bundle = bundle_of(tmp_path, layer(cni=cni))

    assert [name for name in bundle.applications if name in NETWORKS] == [chosen]
    for host in (CONTROL_PLANE, WORKERS):
        assert [f"{chosen}:cni", f"{host}:cni"] in bundle.relations
    pairs = [pair for pair in bundle.relations if pair[0].startswith((*NETWORKS,))]
    assert {pair[0].partition(":")[0] for pair in pairs} == {chosen}
    assert ([f"{chosen}:etcd", "etcd:db"] in bundle.relations) is (chosen in ("calico", "flannel"))


@pytest.mark.parametrize(
    ("cni", "options"),
    [
        ("flannel", {"cidr": "10.7.0.0/16"}),
        (
            "cilium",
            {"cluster-pool-ipv4-cidr": "10.7.0.0/16", "image-registry": "registry.lab.example"},
        ),
        (
            "kube-ovn",
            {
                "default-cidr": "10.7.0.0/16",
                "default-gateway": "10.7.0.1",
                "image-registry": "registry.lab.example",
            },
        ),
    ],
)
def test_network_of_the_pods_is_in_the_options(
    cni: str, options: dict[str, str], tmp_path: Path
) -> None:
    changes = layer(cni=cni, registry="registry.lab.example")
    changes["networks"] = {"pods": "10.7.0.0/16"}

    assert options_of(bundle_of(tmp_path, changes), cni) == options


def test_cilium_sets_the_reverse_path_filter_on_all_nodes(tmp_path: Path) -> None:
    """With Kubeflow, the workers have its limits, too."""
    bundle = bundle_of(tmp_path, {**layer(cni="cilium"), "kubeflow": {"version": "26.03"}})
    values = {
        name: yaml.safe_load(options_of(bundle, name)["sysctl"])
        for name in (CONTROL_PLANE, WORKERS)
    }

    key = "fs.inotify.max_user_watches"
    assert {name: entry["net.ipv4.conf.all.rp_filter"] for name, entry in values.items()} == {
        CONTROL_PLANE: 0,
        WORKERS: 0,
    }
    assert (values[CONTROL_PLANE][key], values[WORKERS][key]) == (1048576, 1255360)


def test_other_networks_leave_the_charms_default(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, layer(cni="kube-ovn"))

    assert "sysctl" not in options_of(bundle, CONTROL_PLANE)
    assert "sysctl" not in options_of(bundle, WORKERS)


@pytest.mark.parametrize(
    ("kubernetes", "paths", "fix"),
    [
        ({"profile": "charmed-k8s", "cni": "calic"}, ["kubernetes.cni"], "did you mean calico?"),
        ({"profile": "k8s-1.13", "cni": "calico"}, ["kubernetes.cni"], "remove the key"),
        ({"profile": "k8s-1.13", "cni": "flannel"}, [], ""),
        (
            {"profile": "canonical-k8s", "api-addresses": ["10.0.0.5"]},
            ["kubernetes.api-addresses"],
            "remove the key",
        ),
        (
            {"profile": "k8s-1.13", "api-addresses": ["10.0.0.5"]},
            ["kubernetes.api-addresses"],
            "remove the key, and give a machine the role load-balancer",
        ),
    ],
)
def test_key_that_the_profile_does_not_support_is_reported(
    kubernetes: dict[str, Any], paths: list[str], fix: str, tmp_path: Path
) -> None:
    juju = "2.9" if kubernetes["profile"] == "k8s-1.13" else "3.6"
    findings = assess_layer(tmp_path, {"juju": juju, "kubernetes": kubernetes}).findings

    assert paths_of(findings, "BL159") == paths
    assert [finding.fix for finding in of_rule(findings, "BL159")] == [fix] * len(paths)


def test_settings_of_a_network_that_is_not_chosen_are_reported(tmp_path: Path) -> None:
    changes = {**layer(cni="cilium"), "applications": {"calico": {"options": {"vxlan": "Never"}}}}

    assert paths_of(assess_layer(tmp_path, changes).findings, "BL011") == ["applications.calico"]


def test_both_ip_versions_need_calico(tmp_path: Path) -> None:
    changes = layer(cni="cilium")
    changes["networks"] = {"pods-ipv6": "fd00:1::/64", "services-ipv6": "fd00:2::/112"}
    findings = of_rule(assess_layer(tmp_path, changes).findings, "BL158")

    assert [path_text(finding.path) for finding in findings] == [
        "networks.pods-ipv6",
        "networks.services-ipv6",
    ]
    assert {finding.fix for finding in findings} == {"use calico, or remove the key"}


def test_workers_connect_to_the_addresses_in_front_of_the_api_servers(tmp_path: Path) -> None:
    """The certificate has them, too. A load balancer of the bundle has them as its own."""
    addresses = {"api-addresses": ["10.0.0.5"], "extra-sans": ["k8s.lab.example"]}
    changes = {**layer(**addresses), "machines": {"node3": {"roles": ["worker"]}}}
    alone = bundle_of(tmp_path, changes)
    behind = bundle_of(tmp_path, layer(**addresses))

    assert options_of(alone, CONTROL_PLANE)["loadbalancer-ips"] == "10.0.0.5"
    assert options_of(alone, CONTROL_PLANE)["extra_sans"] == "k8s.lab.example 10.0.0.5"
    assert "loadbalancer-ips" not in options_of(behind, CONTROL_PLANE)
    assert options_of(behind, "kubeapi-load-balancer") == {
        "extra_sans": "k8s.lab.example 10.0.0.5",
        "loadbalancer-ips": "10.0.0.5",
    }
