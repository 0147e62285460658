"""kube-proxy's mode, which decides who answers for an address."""

from __future__ import annotations

import pytest

from helpers.metallb_cluster import desired_on, healthy, kube_proxy
from metallb.health import kube_proxy as checked
from metallb.health.findings import BLOCKED, OK

# What kubeadm writes (kubeproxy.config.k8s.io/v1alpha1, KubeProxyConfiguration), shortened.
CONFIGURATION = """\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
ipvs:
  excludeCIDRs: null
  strictARP: {strict}
mode: {mode}
"""


@pytest.mark.parametrize(
    ("mode", "strict", "severity"),
    [
        ("ipvs", "false", BLOCKED),
        ("ipvs", "true", OK),
        ("iptables", "false", OK),
        ('""', "false", OK),
        ("nftables", "false", OK),
    ],
)
def test_ipvs_mode_needs_strict_arp(mode: str, strict: str, severity: str) -> None:
    config_map = kube_proxy(CONFIGURATION.format(mode=mode, strict=strict))
    outcome = checked.kube_proxy(desired_on(), healthy(kube_proxy=config_map))

    assert outcome.severity == severity
    if severity == BLOCKED:
        assert outcome.message == (
            "kube-proxy uses IPVS without strictARP; set ipvs.strictARP: true in ConfigMap"
            " kube-system/kube-proxy"
        )


@pytest.mark.parametrize(
    "config_map",
    [None, {"metadata": {}}, kube_proxy(""), kube_proxy("- a"), kube_proxy("a: [")],
)
def test_mode_that_cannot_be_read_is_reported_as_not_known(config_map: object) -> None:
    """The kube-proxy of Charmed Kubernetes is a snap, whose arguments are on the machines."""
    outcome = checked.kube_proxy(desired_on(), healthy(kube_proxy=config_map))

    assert outcome.severity == OK
    assert outcome.message.startswith("mode not known, because")


def test_servers_before_1_14_are_always_strict() -> None:
    config_map = kube_proxy(CONFIGURATION.format(mode="ipvs", strict="false"))
    observed = healthy(kube_proxy=config_map, server=(1, 13))
    assert checked.kube_proxy(desired_on(), observed).severity == OK


def test_bgp_pools_do_not_depend_on_it() -> None:
    config_map = kube_proxy(CONFIGURATION.format(mode="ipvs", strict="false"))
    pool = "{name: public, protocol: bgp, addresses: [198.51.100.0/24]}"
    assert checked.kube_proxy(desired_on(pool), healthy(kube_proxy=config_map)).severity == OK
