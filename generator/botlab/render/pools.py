"""A site's address pools as options of the charm metallb."""

from __future__ import annotations

from typing import Any

import yaml

from ..site.parts import Metallb, Peer, Pool


def address_pools(metallb: Metallb) -> dict[str, str]:
    """Return the option for the pools: `addresses` for the guide's case, `pools` for any other.

    `pools` is MetalLB's own document (its releases up to 0.12), which the charm takes for every
    release.
    """
    plain = Pool(addresses=["192.0.2.0/32"])
    (name, pool), *others = metallb.pools.items()
    differs = pool.model_copy(update={"addresses": plain.addresses}) != plain
    if name == "default" and not others and not metallb.peers and not differs:
        return {"addresses": ", ".join(_entries(pool))}
    document: dict[str, Any] = {}
    if metallb.peers:
        document["peers"] = [_peer(peer) for peer in metallb.peers]
    document["address-pools"] = [_pool(name, pool) for name, pool in metallb.pools.items()]
    return {"pools": yaml.safe_dump(document, default_flow_style=False, sort_keys=False)}


def _entries(pool: Pool) -> list[str]:
    """Write each run as MetalLB's oldest release takes it: no spaces, and bits to one address."""
    found: list[str] = []
    for text in pool.addresses:
        first, dash, last = (piece.strip() for piece in text.partition("-"))
        bits = 128 if ":" in first else 32
        whole = first if "/" in first else f"{first}/{bits}"
        found.append(f"{first}-{last}" if dash else whole)
    return found


def _pool(name: str, pool: Pool) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "protocol": pool.protocol, "addresses": _entries(pool)}
    if not pool.auto_assign:
        found["auto-assign"] = False
    if pool.avoid_buggy_ips:
        found["avoid-buggy-ips"] = True
    return found


def _peer(peer: Peer) -> dict[str, Any]:
    return {
        "peer-address": str(peer.peer_address),
        "peer-asn": peer.peer_asn,
        "my-asn": peer.my_asn,
    }
