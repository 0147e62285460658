"""A configuration as the objects that a release reads: a ConfigMap, or custom resources.

The names of the custom resources are those that MetalLB's own migration tool gives, so that a
cluster that was migrated with it is taken over and not doubled.
"""

import re
from typing import Any, Dict, List, Tuple

import yaml

from metallb.upstream.objects import NAMESPACE
from metallb.upstream.releases import Release, by_resources

Object = Dict[str, Any]
_BETA1, _BETA2 = "metallb.io/v1beta1", "metallb.io/v1beta2"
RESOURCES = (
    (_BETA1, "IPAddressPool"),
    (_BETA1, "L2Advertisement"),
    (_BETA1, "BGPAdvertisement"),
    (_BETA1, "Community"),
    (_BETA2, "BGPPeer"),
)
# Kubernetes: names of objects are DNS subdomains (RFC 1123).
_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
_PEER = (
    ("my-asn", "myASN"), ("peer-asn", "peerASN"), ("peer-address", "peerAddress"),
    ("source-address", "sourceAddress"), ("peer-port", "peerPort"), ("hold-time", "holdTime"),
    ("router-id", "routerID"), ("password", "password"), ("ebgp-multihop", "ebgpMultiHop"),
)  # fmt: skip
_OFFER = (
    ("aggregation-length", "aggregationLength"),
    ("aggregation-length-v6", "aggregationLengthV6"),
    ("localpref", "localPref"),
    ("communities", "communities"),
)


def unnameable(data: Dict[str, Any]) -> List[str]:
    """Return what is wrong with names that become objects."""
    return [
        "pool %r: from v0.13 on a pool is an object; name it in lower case letters, digits, - and"
        " ." % pool.get("name")
        for pool in data.get("address-pools") or []
        if not _NAME.match(pool.get("name", ""))
    ]


def configuration(release: Release, data: Dict[str, Any]) -> List[Object]:
    """Return the objects that hold a configuration."""
    if by_resources(release):
        return resources(data)
    text = yaml.safe_dump(data, default_flow_style=False, sort_keys=True) if data else ""
    metadata = {"name": "config", "namespace": NAMESPACE}
    found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    return [dict(found, data={"config": text})]


def resources(data: Dict[str, Any]) -> List[Object]:
    """Return the custom resources of a configuration."""
    found = [_pool(pool) for pool in data.get("address-pools") or []]
    found += _layer2(data.get("address-pools") or [])
    found += _offers(data.get("address-pools") or [])
    for index, peer in enumerate(data.get("peers") or []):
        found.append(_object(_BETA2, "BGPPeer", "peer%d" % (index + 1), _peer(peer)))
    communities = data.get("bgp-communities") or {}
    if communities:
        entries = [{"name": name, "value": value} for name, value in sorted(communities.items())]
        spec = {"communities": entries}
        found.append(_object(_BETA1, "Community", "communities", spec))
    return found


def _object(api: str, kind: str, name: str, spec: Object) -> Object:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def _pool(pool: Dict[str, Any]) -> Object:
    spec = {
        "addresses": list(pool["addresses"]),
        "autoAssign": pool.get("auto-assign", True),
        "avoidBuggyIPs": pool.get("avoid-buggy-ips", False),
    }
    return _object(_BETA1, "IPAddressPool", pool["name"], spec)


def _layer2(pools: List[Dict[str, Any]]) -> List[Object]:
    names = [pool["name"] for pool in pools if pool.get("protocol") == "layer2"]
    found = []
    for index, name in enumerate(names):
        spec = {"ipAddressPools": [name]}
        found.append(_object(_BETA1, "L2Advertisement", "l2advertisement%d" % (index + 1), spec))
    return found


def _offers(pools: List[Dict[str, Any]]) -> List[Object]:
    found: List[Object] = []
    for pool in pools:
        if pool.get("protocol") != "bgp":
            continue
        for offer in pool.get("bgp-advertisements") or [{}]:
            spec = dict(_renamed(offer, _OFFER), ipAddressPools=[pool["name"]])
            name = "bgpadvertisement%d" % (len(found) + 1)
            found.append(_object(_BETA1, "BGPAdvertisement", name, spec))
    return found


def _peer(peer: Dict[str, Any]) -> Object:
    spec = _renamed(peer, _PEER)
    selectors = [_node_selector(one or {}) for one in peer.get("node-selectors") or []]
    return dict(spec, nodeSelectors=selectors) if selectors else spec


def _node_selector(selector: Dict[str, Any]) -> Object:
    found: Object = {}
    if selector.get("match-labels"):
        found["matchLabels"] = dict(selector["match-labels"])
    if selector.get("match-expressions"):
        found["matchExpressions"] = [dict(one) for one in selector["match-expressions"]]
    return found


def _renamed(found: Dict[str, Any], names: Tuple[Tuple[str, str], ...]) -> Object:
    return {new: found[old] for old, new in names if found.get(old) not in (None, "", [])}
