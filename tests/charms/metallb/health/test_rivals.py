"""Other load balancers on the same cluster."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.metallb_cluster import CLOUD_FINALIZER, desired_on, healthy, service
from metallb.health.findings import BLOCKED, OK, WAITING
from metallb.health.rivals import other_metallbs, rivals


def finding(*services: Any, **fields: Any) -> tuple[str, str]:
    """Return severity and message for a cluster with these services and objects."""
    outcome = rivals(desired_on().pools, list(services), healthy(*services, **fields))
    return outcome.severity, outcome.message


def cilium_pool(**spec: Any) -> Any:
    """Return an address pool of Cilium."""
    return {"metadata": {"name": "blue-pool"}, "spec": spec}


def test_addresses_of_the_pools_need_no_other_load_balancer() -> None:
    assert finding(service("web", "10.0.0.11")) == (OK, "no other load balancer")


def test_k3s_servicelb_blocks() -> None:
    assert finding(service_lbs=[{"metadata": {"name": "svclb-traefik-1a2b"}}]) == (
        BLOCKED,
        "k3s servicelb serves the same services; start k3s with --disable=servicelb",
    )


@pytest.mark.parametrize(
    ("spec", "severity"),
    [
        ({}, BLOCKED),
        ({"disabled": False, "serviceSelector": None}, BLOCKED),
        ({"disabled": True}, OK),
        ({"serviceSelector": {"matchLabels": {"color": "blue"}}}, OK),
    ],
)
def test_pool_of_cilium_for_all_services_blocks(spec: Any, severity: str) -> None:
    """A pool with a selector serves chosen services alone, by the administrator's decision."""
    assert finding(cilium_pools=[cilium_pool(**spec)])[0] == severity


def test_other_metallb_blocks_before_anything_is_applied() -> None:
    """The load balancer of Canonical Kubernetes is a MetalLB in the same namespace."""
    metadata = {"name": "metallb-controller", "namespace": "metallb-system"}
    message = (
        "another MetalLB: metallb-system/metallb-controller; remove it"
        " (charm k8s: load-balancer-enabled=false)"
    )
    assert finding(controllers=[{"metadata": metadata}]) == (BLOCKED, message)
    assert other_metallbs(healthy(controllers=[{"metadata": metadata}])) == [message]
    assert other_metallbs(healthy()) == []


def test_address_of_a_cloud_provider_blocks() -> None:
    web = service("web", "203.0.113.9", finalizers=(CLOUD_FINALIZER,))
    assert finding(web) == (
        BLOCKED, "lab/web has 203.0.113.9 of a cloud provider; disable its load balancer",
    )  # fmt: skip


def test_host_name_comes_from_another_load_balancer() -> None:
    """MetalLB assigns addresses alone."""
    web = service("web", finalizers=(CLOUD_FINALIZER,))
    web["status"]["loadBalancer"]["ingress"] = [{"hostname": "lb-1.example.com"}]
    assert finding(web) == (
        BLOCKED, "lab/web has lb-1.example.com of a cloud provider; disable its load balancer",
    )  # fmt: skip


def test_address_in_no_pool_may_be_replaced_soon() -> None:
    """MetalLB replaces an address that is not in its pools; another load balancer puts it back."""
    assert finding(service("web", "203.0.113.9")) == (
        WAITING, "lab/web has 203.0.113.9 of no pool; remove the other load balancer",
    )  # fmt: skip
