"""The objects of the cluster on which the announcement of addresses depends, read once."""

from typing import List, NamedTuple, Optional, Sequence

from labcharm.json_types import JsonObject
from labkube.client.api import Api, UnknownKindError, Version
from metallb.manifests.namespace import NAMESPACE

_SPEAKERS = "app=metallb,component=speaker"
# The labels of MetalLB's controller in upstream's manifests and in the Helm charts.
_CONTROLLERS = (
    "app=metallb,component=controller",
    "app.kubernetes.io/name=metallb,app.kubernetes.io/component=controller",
)
_OWN_CONTROLLER = (NAMESPACE, "controller")
# k3s: pkg/cloudprovider/servicelb.go labels the DaemonSet of each service.
_SERVICE_LB = "svccontroller.k3s.cattle.io/nodeselector=false"
_CILIUM_VERSIONS = ("cilium.io/v2alpha1", "cilium.io/v2")
_KUBE_PROXY = {"name": "kube-proxy", "namespace": "kube-system"}


class Observed(NamedTuple):
    """The observed objects.

    Attributes:
        server: The Kubernetes release of the API server.
        services: Every service.
        nodes: Every node.
        speakers: The pods of this application's speakers.
        kube_proxy: The ConfigMap of kube-proxy; None where kube-proxy does not run as a
            DaemonSet that reads one.
        controllers: The Deployments of other MetalLBs.
        service_lbs: The DaemonSets of k3s servicelb.
        cilium_pools: The address pools of Cilium.
    """

    server: Version
    services: List[JsonObject]
    nodes: List[JsonObject]
    speakers: List[JsonObject]
    kube_proxy: Optional[JsonObject]
    controllers: List[JsonObject]
    service_lbs: List[JsonObject]
    cilium_pools: List[JsonObject]


def observe(api: Api) -> Observed:
    """Read the objects.

    Raises:
        ApiError: When a request fails.
    """
    return Observed(
        server=api.version(),
        services=api.list("v1", "Service"),
        nodes=api.list("v1", "Node"),
        speakers=api.list("v1", "Pod", _SPEAKERS, NAMESPACE),
        kube_proxy=_kube_proxy(api),
        controllers=_other_controllers(api),
        service_lbs=api.list("apps/v1", "DaemonSet", _SERVICE_LB),
        cilium_pools=_list_first(api, _CILIUM_VERSIONS, "CiliumLoadBalancerIPPool"),
    )


def _kube_proxy(api: Api) -> Optional[JsonObject]:
    """Return the ConfigMap, which outlives kube-proxy where Cilium replaces it."""
    config_map = api.get({"apiVersion": "v1", "kind": "ConfigMap", "metadata": _KUBE_PROXY})
    if config_map is None:
        return None
    workload = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": _KUBE_PROXY}
    return config_map if api.get(workload) is not None else None


def _other_controllers(api: Api) -> List[JsonObject]:
    return [
        live
        for selector in _CONTROLLERS
        for live in api.list("apps/v1", "Deployment", selector)
        if (live["metadata"]["namespace"], live["metadata"]["name"]) != _OWN_CONTROLLER
    ]


def _list_first(api: Api, versions: Sequence[str], kind: str) -> List[JsonObject]:
    """Return the objects of a kind in the first version that the server has."""
    for version in versions:
        try:
            return api.list(version, kind)
        except UnknownKindError:
            continue
    return []
