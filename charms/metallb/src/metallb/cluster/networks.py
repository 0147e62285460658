"""The networks that the cluster uses itself: of its nodes, its pods and its services."""

import re
from typing import Iterable, List, NamedTuple

from labcharm.json_types import JsonObject
from labkube.client.api import Api, ApiError, UnknownKindError
from metallb.config.addresses import Network, parse_cidr
from metallb.config.errors import RefusedError

_SERVICE_CIDR = ("networking.k8s.io/v1", "ServiceCIDR")


class UsedNetwork(NamedTuple):
    """A network in use, and a description of its user. A single address is a network as well."""

    user: str
    network: Network


def cluster_networks(
    api: Api, nodes: List[JsonObject], services: List[JsonObject]
) -> List[UsedNetwork]:
    """Return the networks of nodes, pods and services, as far as the server lists them.

    Args:
        api: The cluster.
        nodes: Every node of the cluster.
        services: Every service of the cluster.
    """
    networks = [network for node in nodes for network in _node_networks(node)]
    for service in services:
        metadata = service["metadata"]
        cluster_ip = (service.get("spec") or {}).get("clusterIP", "")
        user = f"the service {metadata['namespace']}/{metadata['name']}"
        networks += _used_networks(user, [cluster_ip])
    return networks + _listed_service_networks(api)


def _listed_service_networks(api: Api) -> List[UsedNetwork]:
    try:
        service_cidrs = api.list(*_SERVICE_CIDR)
    except UnknownKindError:
        return []
    texts = [
        text
        for service_cidr in service_cidrs
        for text in service_cidr.get("spec", {}).get("cidrs") or []
    ]
    return _used_networks("the services' network", texts)


def probe_service_networks(api: Api) -> List[UsedNetwork]:
    """Return the services' network of a server that does not list it.

    Such a server names the network when it refuses a service with an address outside of it, and a
    loopback address is always outside. A dry run does not check addresses (tried on 1.20).
    """
    if api.has(*_SERVICE_CIDR):
        return []
    probe = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"generateName": "metallb-probe-", "namespace": "default"},
        "spec": {"clusterIP": "127.0.0.1", "ports": [{"port": 80}]},
    }
    try:
        api.delete(dict(api.create(probe), apiVersion="v1", kind="Service"))
    except ApiError as error:
        texts = re.findall(r"range of valid IPs is (\S+)", str(error))
        return _used_networks("the services' network", texts)
    return []


def _node_networks(node: JsonObject) -> List[UsedNetwork]:
    name, spec = node["metadata"]["name"], node.get("spec") or {}
    addresses = [
        str(entry.get("address", ""))
        for entry in (node.get("status") or {}).get("addresses") or []
        if entry.get("type") in ("InternalIP", "ExternalIP")
    ]
    pod_networks = spec.get("podCIDRs") or [spec.get("podCIDR", "")]
    return [
        *_used_networks(f"the node {name}", addresses),
        *_used_networks(f"the pods' network of {name}", pod_networks),
    ]


def _used_networks(user: str, texts: Iterable[str]) -> List[UsedNetwork]:
    networks = []
    for text in texts:
        bits = "" if "/" in text else "/128" if ":" in text else "/32"
        try:
            networks.append(UsedNetwork(user, parse_cidr(text + bits)))
        except RefusedError:
            continue  # "None" of a headless service, a host name, an empty string
    return networks
