"""The options of the charm metallb for a site."""

from __future__ import annotations

from typing import Any

import yaml

from ..site.metallb import Metallb, Peer, Pool
from ..site.model import Site

Options = dict[str, Any]


def metallb_options(site: Site, metallb: Metallb) -> Options:
    """Return the options that differ from the charm's defaults."""
    networks = " ".join(map(str, (*site.networks.of_pods, *site.networks.of_services)))
    options = {**pool_options(metallb), "reserved-networks": networks}
    return {"version": metallb.version, **options} if metallb.version else options


def pool_options(metallb: Metallb) -> Options:
    """Return the option that holds the pools.

    It is `addresses` for one simple pool, and otherwise `pools`, which holds MetalLB's own
    configuration in its form up to 0.12. The charm accepts that form for every release.
    """
    if _is_simple(metallb):
        return {"addresses": ", ".join(_addresses(metallb.pools["default"]))}
    configuration: dict[str, Any] = {}
    if metallb.peers:
        configuration["peers"] = [_peer(peer) for peer in metallb.peers]
    configuration["address-pools"] = [_pool(name, pool) for name, pool in metallb.pools.items()]
    return {"pools": yaml.safe_dump(configuration, default_flow_style=False, sort_keys=False)}


def _is_simple(metallb: Metallb) -> bool:
    """Return whether there is only a pool `default` in which only addresses are set."""
    pool = metallb.pools.get("default")
    if pool is None or len(metallb.pools) > 1 or metallb.peers:
        return False
    return pool == Pool(addresses=pool.addresses)


def _addresses(pool: Pool) -> list[str]:
    """Return a pool's addresses in the form of MetalLB's oldest release.

    That release does not accept spaces, nor single addresses without a prefix length.
    """
    texts: list[str] = []
    for text in pool.addresses:
        first, dash, last = (piece.strip() for piece in text.partition("-"))
        bits = 128 if ":" in first else 32
        network = first if "/" in first else f"{first}/{bits}"
        texts.append(f"{first}-{last}" if dash else network)
    return texts


def _pool(name: str, pool: Pool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": name,
        "protocol": pool.protocol,
        "addresses": _addresses(pool),
    }
    if not pool.auto_assign:
        fields["auto-assign"] = False
    if pool.avoid_buggy_ips:
        fields["avoid-buggy-ips"] = True
    return fields


def _peer(peer: Peer) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "peer-address": str(peer.peer_address),
        "peer-asn": peer.peer_asn,
        "my-asn": peer.my_asn,
    }
    if peer.node_labels:
        fields["node-selectors"] = [{"match-labels": dict(peer.node_labels)}]
    return fields
