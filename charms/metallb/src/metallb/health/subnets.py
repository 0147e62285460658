"""Layer-2 pools outside of every node's subnet, whose addresses no router expects there.

A node's InternalIP has no prefix length. The charm takes the subnet from the first of these that
knows it:
1. an annotation of the node by Calico or OVN-Kubernetes, which holds the address with its prefix;
2. the networks of the unit's own machine, where one contains the node's address;
3. otherwise the /16 (IPv6: the /64) around the node's address, as few labs have a larger LAN.

The result is a doubt and not a fault: nodes may have further interfaces, on which MetalLB
announces as well.
"""

import ipaddress
import json
from typing import Iterable, Iterator, List

from labcharm.json_types import JsonMapping, JsonObject
from metallb.cluster.observed import Observed
from metallb.config.addresses import Network, parse_cidr
from metallb.config.errors import RefusedError
from metallb.config.pools import LAYER2, Pool
from metallb.health.findings import NOTE, OK, Finding

CHECK = "subnets"
_CALICO = ("projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address")
_OVN = "k8s.ovn.org/node-primary-ifaddr"
_ASSUMED_BITS = {4: 16, 6: 64}


def subnets(pools: List[Pool], observed: Observed, unit_networks: Iterable[str]) -> Finding:
    """Return whether every layer-2 pool is in the subnet of a node.

    Args:
        pools: The desired pools.
        observed: The cluster.
        unit_networks: The networks of the unit's machine, as ADDRESS/BITS.
    """
    own = _networks(unit_networks)
    networks = [network for node in observed.nodes for network in _node_subnets(node, own)]
    for pool in pools if networks else []:
        for part in pool.networks if pool.protocol == LAYER2 else []:
            if not any(_contains(network, part) for network in networks):
                message = f"doubt: {part} of pool {pool.name} is in no node's subnet"
                return Finding(CHECK, NOTE, message)
    return Finding(CHECK, OK, "no pool is outside of the nodes' subnets")


def _contains(network: Network, part: Network) -> bool:
    return network.version == part.version and network.overlaps(part)


def _node_subnets(node: JsonObject, own: List[Network]) -> List[Network]:
    annotated = _networks(_annotated(node["metadata"].get("annotations") or {}))
    if annotated:
        return annotated
    return [subnet for address in _addresses(node) for subnet in _subnets_of(address, own)]


def _annotated(annotations: JsonMapping) -> Iterator[str]:
    yield from (str(annotations[key]) for key in _CALICO if key in annotations)
    try:
        addresses = json.loads(str(annotations.get(_OVN) or "{}"))
    except ValueError:
        return
    if isinstance(addresses, dict):
        yield from (text for text in addresses.values() if isinstance(text, str))


def _addresses(node: JsonObject) -> List[Network]:
    """Return the InternalIPs of a node as networks of one address."""
    entries = (node.get("status") or {}).get("addresses") or []
    texts = [str(entry.get("address")) for entry in entries if entry.get("type") == "InternalIP"]
    return _networks(f"{text}/{128 if ':' in text else 32}" for text in texts)


def _subnets_of(address: Network, own: List[Network]) -> List[Network]:
    containing = [network for network in own if _contains(network, address)]
    bits = _ASSUMED_BITS[address.version]
    return containing or [ipaddress.ip_network(f"{address[0]}/{bits}", strict=False)]


def _networks(texts: Iterable[str]) -> List[Network]:
    networks: List[Network] = []
    for text in texts:
        try:
            networks.append(parse_cidr(text))
        except RefusedError:
            continue
    return networks
