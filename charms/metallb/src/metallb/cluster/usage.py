"""Which addresses are in use, by which services, and what a change of pools would take away."""

from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from metallb.config.addresses import Address, Network, count, is_buggy, parse_ip, quoted
from metallb.config.validate import Pool

# Both prefixes are read by the releases that know the newer one (0.14.9 and later).
_POOL = ("metallb.io/address-pool", "metallb.universe.tf/address-pool")
Used = NamedTuple("Used", [("service", str), ("address", Address), ("pool", str)])


def used(services: List[Dict[str, Any]]) -> List[Used]:
    """Return the addresses that services were given."""
    found = []
    for service in services:
        metadata, spec = service["metadata"], service.get("spec") or {}
        if spec.get("type") != "LoadBalancer":
            continue
        notes = metadata.get("annotations") or {}
        asked = next((notes[key] for key in _POOL if notes.get(key)), "")
        name = "%s/%s" % (metadata["namespace"], metadata["name"])
        status = (service.get("status") or {}).get("loadBalancer") or {}
        for entry in status.get("ingress") or []:
            address = parse_ip(str(entry.get("ip", "")))
            if address is not None:
                found.append(Used(name, address, asked))
    return found


def owner(address: Address, pools: List[Pool]) -> Optional[Pool]:
    """Return the pool that may serve an address; None when none may."""
    for pool in pools:
        inside = any(
            address.version == network.version and address in network for network in pool.networks
        )
        if inside and not (pool.avoids_buggy and is_buggy(address)):
            return pool
    return None


def stranded(found: List[Used], before: List[Pool], after: List[Pool]) -> List[str]:
    """Name the services whose address a change of pools would take away.

    An address that is in none of the pools before is another load balancer's.
    """
    told = []
    for one in found:
        if owner(one.address, before) is None:
            continue
        pool = owner(one.address, after)
        if pool is None:
            told.append("%s (%s)" % (one.service, one.address))
        elif one.pool and one.pool != pool.name:
            told.append("%s (%s, asks for pool %s)" % (one.service, one.address, one.pool))
    return told


def differ(some: List[Pool], others: List[Pool]) -> bool:
    """Tell whether two lists of pools hold different addresses."""

    def held(pools: List[Pool]) -> Set[Tuple[str, Tuple[Network, ...]]]:
        return {(pool.name, pool.networks) for pool in pools}

    return held(some) != held(others)


def tally(found: List[Used], pools: List[Pool]) -> Tuple[int, int]:
    """Return how many addresses of the pools are in use, and how many there are."""
    taken = {one.address for one in found if owner(one.address, pools) is not None}
    total = sum(count(list(pool.networks), pool.avoids_buggy) for pool in pools)
    return len(taken), total


def clashes(pools: List[Pool], taken: List[Tuple[str, Network]]) -> List[str]:
    """Name pools that hold addresses or networks that something else uses.

    Args:
        pools: The pools.
        taken: What uses a network, and the network; one address is a network of one.
    """
    told = []
    for pool in pools:
        for what, other in taken:
            for network in pool.networks:
                if network.version == other.version and network.overlaps(other):
                    told.append(
                        "pool %s: %s overlaps %s %s (this charm's rule); leave it out"
                        % (quoted(pool.name), network, what, other)
                    )
                    break
    return told
