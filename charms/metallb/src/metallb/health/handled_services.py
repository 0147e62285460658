"""The services that MetalLB handles, and those of them that have no address."""

from typing import Iterable, List

from labcharm.json_types import JsonMapping, JsonObject
from labcharm.text import clip, summarize
from labkube.inspect.readiness import load_balancer_entries
from metallb.cluster.assignments import assignments, requested_pool, usage
from metallb.config.addresses import parse_ip
from metallb.config.pools import Pool
from metallb.desired_state import DesiredState
from metallb.health.findings import BLOCKED, NOTE, OK, WAITING, Finding
from metallb.manifests.flags import flag

CHECK = "services"
_ADDRESS_ANNOTATIONS = ("metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs")
# The first release that leaves services of another class alone (internal/k8s/controllers/
# service_controller.go); an earlier one handles every service of type LoadBalancer.
_FIRST_WITH_CLASSES = (0, 13, 0)


def load_balancer_class(desired: DesiredState) -> str:
    """Return the class of the services that MetalLB handles; empty for those without a class."""
    return flag(desired.release_objects, "controller", "lb-class")


def handled_services(desired: DesiredState, services: Iterable[JsonObject]) -> List[JsonObject]:
    """Return the services that MetalLB gives an address."""
    has_classes = desired.release.number >= _FIRST_WITH_CLASSES
    own_class = load_balancer_class(desired) if has_classes else ""
    return [
        service
        for service in services
        if _spec(service).get("type") == "LoadBalancer"
        and not service["metadata"].get("deletionTimestamp")
        and (not has_classes or (_spec(service).get("loadBalancerClass") or "") == own_class)
    ]


def services(pools: List[Pool], handled: List[JsonObject]) -> Finding:
    """Return whether every service has an address, and why one has none.

    Args:
        pools: The desired pools.
        handled: The services that MetalLB handles.
    """
    waiting = [service for service in handled if not load_balancer_entries(service)]
    if not waiting:
        return Finding(CHECK, OK, f"{len(handled)} have an address")
    findings = [_finding(service, pools, handled) for service in waiting]
    for severity in (BLOCKED, WAITING, NOTE):
        messages = [finding.message for finding in findings if finding.severity == severity]
        if messages:
            return Finding(CHECK, severity, f"{_waiting(waiting)}: {messages[0]}")
    return findings[0]


def _waiting(waiting: List[JsonObject]) -> str:
    names = summarize([clip(_name(service)) for service in waiting], 1)
    return f"{names} {'waits' if len(waiting) == 1 else 'wait'} for an address"


def _finding(service: JsonObject, pools: List[Pool], handled: List[JsonObject]) -> Finding:
    pool_name = requested_pool(service)
    if pool_name and pool_name not in [pool.name for pool in pools]:
        return Finding(CHECK, NOTE, f"asks for pool {pool_name}, which does not exist")
    if _requested_addresses(service):
        return Finding(CHECK, NOTE, "asks for an address that it cannot have")
    candidates = [
        pool for pool in pools if pool.name == pool_name or (not pool_name and pool.auto_assigns)
    ]
    if not candidates:
        return Finding(CHECK, BLOCKED, "no pool has auto-assign; set it in the option pools")
    if all(_is_full(pool, handled) for pool in candidates):
        return Finding(CHECK, BLOCKED, "none left; add some to the pools")
    return Finding(CHECK, WAITING, "run kubectl describe on it if it stays")


def _is_full(pool: Pool, handled: List[JsonObject]) -> bool:
    used, total = usage(assignments(handled), [pool])
    return used >= total


def _requested_addresses(service: JsonObject) -> List[str]:
    """Return the addresses that a service asks for."""
    annotations: JsonMapping = service["metadata"].get("annotations") or {}
    texts = [str(annotations.get(key) or "") for key in _ADDRESS_ANNOTATIONS]
    texts.append(str(_spec(service).get("loadBalancerIP") or ""))
    words = [word.strip() for text in texts for word in text.split(",")]
    return [word for word in words if parse_ip(word) is not None]


def _spec(service: JsonObject) -> JsonObject:
    return dict(service.get("spec") or {})


def _name(service: JsonObject) -> str:
    return f"{service['metadata']['namespace']}/{service['metadata']['name']}"
