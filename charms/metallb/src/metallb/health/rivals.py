"""Other load balancers, which assign addresses to the same services as MetalLB.

A service of type LoadBalancer without a class is served by every load balancer of the cluster:
each replaces the address that the other assigned.
"""

from typing import Iterator, List, NamedTuple

from labcharm.json_types import JsonObject
from labcharm.text import clip
from labkube.inspect.readiness import load_balancer_entries
from metallb.cluster.assignments import pool_of
from metallb.cluster.observed import Observed
from metallb.config.addresses import parse_ip
from metallb.config.pools import Pool
from metallb.health.findings import BLOCKED, OK, WAITING, Finding

CHECK = "load balancers"
# The finalizer that the service controller of cloud providers sets (k8s.io/cloud-provider,
# service/helpers/helper.go); MetalLB sets none.
CLOUD_FINALIZER = "service.kubernetes.io/load-balancer-cleanup"


class Foreigner(NamedTuple):
    """A service of MetalLB with an address that is in no pool."""

    service: JsonObject
    description: str


def rivals(pools: List[Pool], handled: List[JsonObject], observed: Observed) -> Finding:
    """Return whether another load balancer serves the services of MetalLB.

    Args:
        pools: The desired pools.
        handled: The services that MetalLB handles.
        observed: The cluster.
    """
    foreign = list(_with_foreign_address(pools, handled))
    for problem in (*_controllers(observed), *_programs(observed), *_cloud_providers(foreign)):
        return Finding(CHECK, BLOCKED, problem)
    for entry in foreign:
        message = f"{entry.description} of no pool; remove the other load balancer"
        return Finding(CHECK, WAITING, message)
    return Finding(CHECK, OK, "no other load balancer")


def other_metallbs(observed: Observed) -> List[str]:
    """Return the problem of another MetalLB, which a deployment beside it would not solve."""
    return list(_controllers(observed))


def _controllers(observed: Observed) -> Iterator[str]:
    """Canonical Kubernetes installs the Helm chart where its load balancer is enabled."""
    for live in observed.controllers[:1]:
        fix = "remove it (charm k8s: load-balancer-enabled=false)"
        name = f"{live['metadata']['namespace']}/{live['metadata']['name']}"
        yield f"another MetalLB: {clip(name)}; {fix}"


def _programs(observed: Observed) -> Iterator[str]:
    if observed.service_lbs:
        yield "k3s servicelb serves the same services; start k3s with --disable=servicelb"
    for pool in observed.cilium_pools:
        spec = pool.get("spec") or {}
        if not spec.get("disabled") and not spec.get("serviceSelector"):
            name = clip(pool["metadata"]["name"])
            yield f"Cilium's pool {name} serves the same services; delete it or set disabled: true"


def _cloud_providers(foreign: List[Foreigner]) -> Iterator[str]:
    for entry in foreign:
        if CLOUD_FINALIZER in (entry.service["metadata"].get("finalizers") or []):
            yield f"{entry.description} of a cloud provider; disable its load balancer"


def _with_foreign_address(pools: List[Pool], services: List[JsonObject]) -> Iterator[Foreigner]:
    for service in services:
        name = f"{service['metadata']['namespace']}/{service['metadata']['name']}"
        for entry in load_balancer_entries(service):
            address = parse_ip(str(entry.get("ip", "")))
            if address is None or pool_of(address, pools) is None:
                shown = clip(str(entry.get("ip") or entry.get("hostname")), 39)
                yield Foreigner(service, f"{clip(name)} has {shown}")
