"""A configuration as custom resources, which the releases from 0.13 on read.

The custom resources have the names that MetalLB's own migration tool gives them. A cluster that
was migrated with it is adopted, and no object exists twice.
"""

import re
from typing import List, Tuple

from labcharm.json_types import JsonObject
from metallb.config.decode import Configuration
from metallb.manifests.namespace import NAMESPACE

_BETA1, _BETA2 = "metallb.io/v1beta1", "metallb.io/v1beta2"
ADDRESS_POOL = (_BETA1, "IPAddressPool")
CUSTOM_RESOURCE_KINDS = (
    ADDRESS_POOL,
    (_BETA1, "L2Advertisement"),
    (_BETA1, "BGPAdvertisement"),
    (_BETA1, "Community"),
    (_BETA2, "BGPPeer"),
)
# Kubernetes: the names of objects are DNS subdomains (RFC 1123).
_OBJECT_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
# The keys of a configuration, and the fields of the custom resources.
_PEER_FIELDS = (
    ("my-asn", "myASN"), ("peer-asn", "peerASN"), ("peer-address", "peerAddress"),
    ("source-address", "sourceAddress"), ("peer-port", "peerPort"), ("hold-time", "holdTime"),
    ("router-id", "routerID"), ("password", "password"), ("ebgp-multihop", "ebgpMultiHop"),
)  # fmt: skip
_ADVERTISEMENT_FIELDS = (
    ("aggregation-length", "aggregationLength"),
    ("aggregation-length-v6", "aggregationLengthV6"),
    ("localpref", "localPref"),
    ("communities", "communities"),
)


def name_problems(configuration: Configuration) -> List[str]:
    """Return the problems of pool names that cannot be names of objects."""
    return [
        f"pool {pool.get('name')!r}: from v0.13 on, names have only lower case letters, digits,"
        " - and ."
        for pool in configuration.get("address-pools") or []
        if not _OBJECT_NAME.match(pool.get("name", ""))
    ]


def custom_resources(configuration: Configuration) -> List[JsonObject]:
    """Return the custom resources of a configuration."""
    pools = configuration.get("address-pools") or []
    return [
        *map(_address_pool, pools),
        *_layer2_advertisements(pools),
        *_bgp_advertisements(pools),
        *_bgp_peers(configuration.get("peers") or []),
        *_communities(configuration.get("bgp-communities") or {}),
    ]


def _custom_resource(api_version: str, kind: str, name: str, spec: JsonObject) -> JsonObject:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def _address_pool(pool: JsonObject) -> JsonObject:
    spec = {
        "addresses": list(pool["addresses"]),
        "autoAssign": pool.get("auto-assign", True),
        "avoidBuggyIPs": pool.get("avoid-buggy-ips", False),
    }
    return _custom_resource(*ADDRESS_POOL, pool["name"], spec)


def _layer2_advertisements(pools: List[JsonObject]) -> List[JsonObject]:
    names = [pool["name"] for pool in pools if pool.get("protocol") == "layer2"]
    return [
        _custom_resource(
            _BETA1, "L2Advertisement", f"l2advertisement{index}", {"ipAddressPools": [name]}
        )
        for index, name in enumerate(names, 1)
    ]


def _bgp_advertisements(pools: List[JsonObject]) -> List[JsonObject]:
    specs = [
        dict(_renamed(advertisement, _ADVERTISEMENT_FIELDS), ipAddressPools=[pool["name"]])
        for pool in pools
        if pool.get("protocol") == "bgp"
        for advertisement in pool.get("bgp-advertisements") or [{}]
    ]
    return [
        _custom_resource(_BETA1, "BGPAdvertisement", f"bgpadvertisement{index}", spec)
        for index, spec in enumerate(specs, 1)
    ]


def _bgp_peers(peers: List[JsonObject]) -> List[JsonObject]:
    return [
        _custom_resource(_BETA2, "BGPPeer", f"peer{index}", _peer_spec(peer))
        for index, peer in enumerate(peers, 1)
    ]


def _peer_spec(peer: JsonObject) -> JsonObject:
    spec = _renamed(peer, _PEER_FIELDS)
    selectors = [_node_selector(selector or {}) for selector in peer.get("node-selectors") or []]
    return dict(spec, nodeSelectors=selectors) if selectors else spec


def _node_selector(selector: JsonObject) -> JsonObject:
    fields: JsonObject = {}
    if selector.get("match-labels"):
        fields["matchLabels"] = dict(selector["match-labels"])
    if selector.get("match-expressions"):
        fields["matchExpressions"] = [dict(entry) for entry in selector["match-expressions"]]
    return fields


def _communities(communities: JsonObject) -> List[JsonObject]:
    if not communities:
        return []
    entries = [{"name": name, "value": number} for name, number in sorted(communities.items())]
    return [_custom_resource(_BETA1, "Community", "communities", {"communities": entries})]


def _renamed(settings: JsonObject, fields: Tuple[Tuple[str, str], ...]) -> JsonObject:
    """Return settings under the names of the custom resource's fields, without empty ones."""
    return {
        field: settings[key] for key, field in fields if settings.get(key) not in (None, "", [])
    }
