"""The addresses that load balancers assigned to services."""

from typing import Iterable, List, NamedTuple, Optional

from labcharm.json_types import JsonObject
from labkube.inspect.readiness import load_balancer_entries
from metallb.config.addresses import Address, count_addresses, is_buggy, parse_ip
from metallb.config.pools import Pool
from metallb.releases import Release

# The annotations by which a service asks for a pool. Releases that know the newer prefix (0.14.9
# and later) read both.
_FIRST_WITH_NEW_PREFIX = (0, 14, 9)
_POOL_ANNOTATIONS = ("metallb.io/address-pool", "metallb.universe.tf/address-pool")


class Assignment(NamedTuple):
    """An address of a service.

    Attributes:
        service: The service as NAMESPACE/NAME.
        address: The address.
        requested_pool: The pool that the service asks for; empty when it asks for none.
    """

    service: str
    address: Address
    requested_pool: str


class Usage(NamedTuple):
    """The number of addresses in use, and of all addresses, of some pools."""

    used: int
    total: int


def assignments(services: Iterable[JsonObject]) -> List[Assignment]:
    """Return the addresses that services have."""
    return [
        assignment
        for service in services
        if (service.get("spec") or {}).get("type") == "LoadBalancer"
        for assignment in _service_assignments(service)
    ]


def _service_assignments(service: JsonObject) -> List[Assignment]:
    metadata = service["metadata"]
    addresses = [parse_ip(str(entry.get("ip", ""))) for entry in load_balancer_entries(service)]
    name = f"{metadata['namespace']}/{metadata['name']}"
    return [
        Assignment(name, address, requested_pool(service))
        for address in addresses
        if address is not None
    ]


def pool_annotation(release: Release) -> str:
    """Return the annotation by which a service asks a release for a pool."""
    return _POOL_ANNOTATIONS[0 if release.number >= _FIRST_WITH_NEW_PREFIX else 1]


def requested_pool(service: JsonObject) -> str:
    """Return the pool that a service asks for; empty when it asks for none."""
    annotations = service["metadata"].get("annotations") or {}
    pools = [annotations[key] for key in _POOL_ANNOTATIONS if annotations.get(key)]
    return str(pools[0]) if pools else ""


def pool_of(address: Address, pools: Iterable[Pool]) -> Optional[Pool]:
    """Return the pool that may assign an address; None when no pool may."""
    for pool in pools:
        is_inside = any(
            address.version == network.version and address in network for network in pool.networks
        )
        if is_inside and not (pool.avoids_buggy and is_buggy(address)):
            return pool
    return None


def lost_addresses(
    assigned: Iterable[Assignment], current: List[Pool], desired: List[Pool]
) -> List[str]:
    """Return the services that would lose their address by a change of pools.

    An address that is in none of the current pools comes from another load balancer.

    Args:
        assigned: The addresses of the services.
        current: The pools on the cluster.
        desired: The pools after the change.
    """
    lost = []
    for assignment in assigned:
        if pool_of(assignment.address, current) is None:
            continue
        pool = pool_of(assignment.address, desired)
        requested = assignment.requested_pool
        if pool is None:
            lost.append(f"{assignment.service} ({assignment.address})")
        elif requested and requested != pool.name:
            lost.append(f"{assignment.service} ({assignment.address}, asks for pool {requested})")
    return lost


def usage(assigned: Iterable[Assignment], pools: List[Pool]) -> Usage:
    """Return how many addresses of the pools are in use, and how many they have."""
    used = {entry.address for entry in assigned if pool_of(entry.address, pools) is not None}
    total = sum(count_addresses(pool.networks, pool.avoids_buggy) for pool in pools)
    return Usage(len(used), total)
