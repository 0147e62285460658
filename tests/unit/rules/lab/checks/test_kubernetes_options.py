"""Rules about the options of the Kubernetes charms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.catalogue.model import Charm, Option
from botlab.findings import path_text
from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of


@pytest.mark.parametrize(
    ("options", "rule", "is_reported"),
    [
        ({"allow-privileged": "false"}, "BL049", True),
        ({}, "BL049", True),
        ({"allow-privileged": True}, "BL049", False),
        ({"authorization-mode": "AlwaysAllow"}, "BL048", True),
        ({"authorization-mode": "Node"}, "BL048", True),
        ({}, "BL048", False),
    ],
)
def test_control_plane_of_today_is_checked_with_its_own_defaults(
    options: dict[str, Any], rule: str, is_reported: bool
) -> None:
    """The message says what the fault means for Kubeflow."""
    charms = {
        "c": {"charm": "kubernetes-control-plane", "channel": "1.35/stable", "options": options},
        "k": {"charm": "./kubeflow-installer.charm"},
    }
    findings = of_rule(bundle_findings({"applications": charms}, Juju.V3_6), rule)

    assert len(findings) == is_reported
    assert all("Kubeflow" in finding.message for finding in findings)


def privileged_findings(charm: str, channel: str, network: str, **applications: Any) -> list[str]:
    """Return the keys that BL049 reports about a control plane with a container network."""
    bundle = {
        "applications": {
            "net": {"charm": network, "channel": channel},
            "cp": {"charm": charm, "channel": channel, "num_units": 2},
            **applications,
        },
        "relations": [["net:cni", "cp:cni"]],
    }
    return paths_of(bundle_findings(bundle, Juju.V3_6), "BL049")


@pytest.mark.parametrize(
    ("channel", "network", "is_reported"),
    [
        ("1.35/stable", "calico", False),
        ("1.36/edge", "cilium", False),
        ("latest/edge", "kube-ovn", False),
        ("1.34/stable", "calico", True),
        ("1.35/stable", "flannel", True),
    ],
)
def test_auto_allows_privileged_containers_for_some_networks_from_1_35_on(
    channel: str, network: str, is_reported: bool
) -> None:
    """Kubeflow needs them."""
    kubeflow = {"charm": "./kubeflow-installer.charm"}
    keys = privileged_findings("kubernetes-control-plane", channel, network, kubeflow=kubeflow)

    assert keys == ["applications.cp.options.allow-privileged"] * is_reported


@pytest.mark.parametrize(
    "charm", ["kubernetes-control-plane", "cs:~containers/kubernetes-master-695"]
)
def test_auto_is_right_where_nothing_needs_privileged_containers(charm: str) -> None:
    """Published bundles of all releases use it."""
    assert privileged_findings(charm, "1.31/stable", "flannel") == []


def test_auto_allows_privileged_containers_with_the_runtime_of_nvidia() -> None:
    """The control plane learns of it by the relation to the container engine."""
    engine = {"charm": "containerd", "options": {"gpu_driver": "nvidia"}}
    bundle = {
        "applications": {
            "engine": engine,
            "cp": {"charm": "kubernetes-control-plane", "channel": "1.31/stable"},
            "kubeflow": {"charm": "./kubeflow-installer.charm"},
        },
        "relations": [["engine:containerd", "cp:container-runtime"]],
    }
    assert paths_of(bundle_findings(bundle, Juju.V3_6), "BL049") == []

    engine["options"] = {"gpu_driver": "none"}
    assert paths_of(bundle_findings(bundle, Juju.V3_6), "BL049") == [
        "applications.cp.options.allow-privileged"
    ]


@pytest.mark.parametrize(
    ("charm", "options", "is_reported"),
    [
        ("cs:~containers/kubernetes-master-542", {}, True),
        ("cs:~containers/kubernetes-master-865", {"channel": "1.21/stable"}, True),
        ("cs:~containers/kubernetes-master-1034", {"channel": "1.21/stable"}, False),
        ("cs:~containers/kubernetes-master", {}, False),
        ("cs:~containers/kubernetes-master-1034", {"authorization-mode": "AlwaysAllow"}, True),
        ("cs:~containers/kubernetes-master-890", {"channel": "1.18/stable"}, True),
        ("cs:~containers/kubernetes-master-890", {"channel": "1.19/stable"}, False),
        ("./kubernetes-master", {"channel": "1.14/stable"}, True),
        ("./kubernetes-master", {}, False),
    ],
)
def test_default_authorization_mode_is_that_of_the_charm_s_age(
    charm: str, options: dict[str, str], is_reported: bool
) -> None:
    """Where the revision does not tell it, the release of the cluster does."""
    findings = bundle_findings({"applications": {"m": {"charm": charm, "options": options}}})

    assert paths_of(findings, "BL048") == (
        ["applications.m.options.authorization-mode"] * is_reported
    )


@pytest.mark.parametrize(
    ("charm", "is_reported"),
    [
        ("cs:~containers/etcd-378", True),
        ("cs:~containers/etcd-478", True),
        ("cs:~containers/etcd-496", False),
        ("cs:~containers/etcd-607", False),
        ("cs:~containers/etcd", False),
        ("etcd", False),
        ("./etcd", False),
    ],
)
def test_default_channel_of_etcd_is_that_of_the_charm_s_age(charm: str, is_reported: bool) -> None:
    """Its default is `auto` since revision 496; an older channel would downgrade etcd."""
    findings = bundle_findings({"applications": {"etcd": {"charm": charm, "num_units": 3}}})

    assert paths_of(findings, "BL050") == ["applications.etcd.options"] * is_reported


def test_default_channel_of_a_local_etcd_is_read_from_the_charm() -> None:
    """Its directory says how old it is."""
    charm = Charm("etcd", options={"channel": Option("channel", "string", "2.3/stable")})
    bundle = {"applications": {"etcd": {"charm": "./etcd", "num_units": 3}}}

    assert paths_of(bundle_findings(bundle, charms={"etcd": charm}), "BL050") == [
        "applications.etcd.options"
    ]


def test_worker_of_2019_that_forbids_privileged_containers_is_reported() -> None:
    """Its default allows them."""
    applications = {
        "m": {"charm": "cs:kubernetes-master-542", "options": {"allow-privileged": "true"}},
        "w": {"charm": "cs:kubernetes-worker-398", "options": {"allow-privileged": "false"}},
        "v": {"charm": "cs:kubernetes-worker-398"},
    }
    findings = bundle_findings({"applications": applications})

    assert paths_of(findings, "BL049") == ["applications.w.options.allow-privileged"]


def test_key_of_the_site_that_sets_two_options_gives_one_finding(tmp_path: Path) -> None:
    """kubernetes.allow-privileged sets the options of the control plane and of the workers."""
    layer = {"kubernetes": {"allow-privileged": False}, "kubeflow": {"version": "0.6.2"}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL049")

    assert path_text(finding.path) == "kubernetes.allow-privileged"
    assert finding.message == (
        "allow-privileged of kubernetes-master is false, so Kubeflow is not installed"
    )
