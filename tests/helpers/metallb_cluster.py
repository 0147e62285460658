"""Nodes, speakers, services and pools, as the checks of the charm metallb read them."""

from __future__ import annotations

from typing import Any

from metallb.cluster.observed import Observed
from metallb.config.decode import decode
from metallb.config.pools import read_pools
from metallb.desired_state import DesiredState
from metallb.releases import find

POOL = "{name: default, protocol: layer2, addresses: [10.0.0.10-10.0.0.13]}"
EMPTY = Observed((1, 30), [], [], [], None, [], [], [])
EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
CLOUD_FINALIZER = "service.kubernetes.io/load-balancer-cleanup"


def desired_on(
    *pools: str, version: str = "v0.16.1", peers: str = "", **flags: str
) -> DesiredState:
    """Return a desired state with these pools and peers, written in YAML.

    Args:
        pools: The pools; none for POOL.
        version: The release.
        peers: The list of BGP peers.
        flags: A flag for the workloads "controller" and "speaker".
    """
    text = f"address-pools: [{', '.join(pools or (POOL,))}]\n"
    text += f"peers: {peers}\n" if peers else ""
    release = find(version)
    configuration = decode(text, release.number)
    workloads = [
        {
            "kind": "Deployment",
            "metadata": {"name": program},
            "spec": {"template": {"spec": {"containers": [{"args": [argument]}]}}},
        }
        for program, argument in flags.items()
    ]
    read = read_pools(configuration, release.number)
    return DesiredState(release, read, configuration.get("peers") or [], (), workloads, [])


def node(name: str, address: str = "10.0.0.1", is_offline: bool = False, **metadata: Any) -> Any:
    """Return a node; `metadata` are its labels and annotations."""
    status = "True" if is_offline else "False"
    conditions = [{"type": "NetworkUnavailable", "status": status}]
    addresses = [{"type": "InternalIP", "address": address}]
    return {
        "metadata": {"name": name, **metadata},
        "status": {"conditions": conditions, "addresses": addresses},
    }


def speaker(node_name: str, is_ready: bool = True) -> Any:
    """Return the pod of a speaker on a node."""
    conditions = [{"type": "Ready", "status": "True" if is_ready else "False"}]
    metadata = {"name": f"speaker-{node_name}", "namespace": "metallb-system"}
    return {
        "metadata": metadata, "spec": {"nodeName": node_name}, "status": {"conditions": conditions}
    }  # fmt: skip


def service(
    name: str,
    address: str = "",
    annotations: dict[str, str] | None = None,
    finalizers: tuple[str, ...] = (),
    **spec: Any,
) -> Any:
    """Return a service of type LoadBalancer, with or without an address."""
    entries = [{"ip": address}] if address else []
    metadata = {"name": name, "namespace": "lab", "annotations": annotations or {}}
    return {
        "metadata": {**metadata, "finalizers": list(finalizers)},
        "spec": {"type": "LoadBalancer", **spec},
        "status": {"loadBalancer": {"ingress": entries}},
    }


def kube_proxy(text: str) -> Any:
    """Return the ConfigMap of kube-proxy with this configuration."""
    return {"metadata": {"name": "kube-proxy"}, "data": {"config.conf": text}}


def healthy(*services: Any, **fields: Any) -> Observed:
    """Return a cluster with one node that announces, with these services and further objects."""
    nodes = {"nodes": [node("n1")], "speakers": [speaker("n1")], "services": list(services)}
    return EMPTY._replace(**{**nodes, **fields})
