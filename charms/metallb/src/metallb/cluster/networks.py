"""Which addresses a cluster has in use: its nodes', its pods' and its services'."""

import re
from typing import Any, Dict, List, Tuple

from labkube.client.api import Api, ApiError, UnknownKindError
from metallb.config.addresses import AddressError, Network, parse_cidr

# What a network is of, in words, and the network.
Taken = Tuple[str, Network]
_SERVICE_CIDR = ("networking.k8s.io/v1", "ServiceCIDR")


def of_cluster(api: Api, services: List[Dict[str, Any]]) -> List[Taken]:
    """Return the networks of nodes, pods and services, as far as the server lists them.

    Args:
        api: The cluster.
        services: Every service of it.
    """
    taken = [pair for node in api.list("v1", "Node") for pair in _of_node(node)]
    taken += [
        ("the service %s/%s" % (one["metadata"]["namespace"], one["metadata"]["name"]), found)
        for one in services
        for found in _networks([(one.get("spec") or {}).get("clusterIP", "")])
    ]
    return taken + _of_services(api)


def _of_services(api: Api) -> List[Taken]:
    try:
        found = api.list(*_SERVICE_CIDR)
    except UnknownKindError:
        return []
    texts = [text for one in found for text in one.get("spec", {}).get("cidrs") or []]
    return [("the services' network", network) for network in _networks(texts)]


def probed(api: Api) -> List[Taken]:
    """Return the services' network of a server that does not list it.

    Such a server names its network when it refuses a service's address beyond it, and a
    loopback address is always beyond. A dry run (1.20) does not look at addresses.
    """
    if api.has(*_SERVICE_CIDR):
        return []
    body = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"generateName": "metallb-probe-", "namespace": "default"},
        "spec": {"clusterIP": "127.0.0.1", "ports": [{"port": 80}]},
    }
    try:
        api.delete(dict(api.create(body), apiVersion="v1", kind="Service"))
    except ApiError as error:
        texts = re.findall(r"range of valid IPs is (\S+)", str(error))
        return [("the services' network", network) for network in _networks(texts)]
    return []


def _of_node(node: Dict[str, Any]) -> List[Tuple[str, Network]]:
    name, spec = node["metadata"]["name"], node.get("spec") or {}
    addresses = [
        str(one.get("address", ""))
        for one in (node.get("status") or {}).get("addresses") or []
        if one.get("type") in ("InternalIP", "ExternalIP")
    ]
    pods = spec.get("podCIDRs") or [spec.get("podCIDR", "")]
    found = [("the node %s" % name, network) for network in _networks(addresses)]
    return found + [("the pods' network of %s" % name, network) for network in _networks(pods)]


def _networks(texts: List[str]) -> List[Network]:
    found = []
    for text in texts:
        whole = text if "/" in text else "%s/%d" % (text, 128 if ":" in text else 32)
        try:
            found.append(parse_cidr(whole))
        except AddressError:
            continue  # "None" of a headless service, a host name, nothing
    return found
