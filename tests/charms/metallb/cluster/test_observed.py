"""The objects that the checks read from the cluster."""

from __future__ import annotations

from typing import Any

from helpers.fake_apis.memory_api import MemoryApi
from metallb.cluster.observed import observe

CONTROLLER = {"app": "metallb", "component": "controller"}
HELM = {"app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "controller"}
CILIUM = "CiliumLoadBalancerIPPool"


class Server(MemoryApi):
    """A server with nodes and pods.

    Args:
        further: Further kinds without a namespace.
    """

    def __init__(self, *further: tuple[str, str]) -> None:
        super().__init__((1, 30), (("v1", "Node"), *further))

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind."""
        return [*super().kinds(), ("v1", "Pod")]

    def add(
        self, api_version: str, kind: str, name: str, namespace: str = "", **labels: str
    ) -> None:
        """Create an object."""
        metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": labels}
        self.create({"apiVersion": api_version, "kind": kind, "metadata": metadata})


def names(objects: list[Any]) -> list[str]:
    """Return the names of objects."""
    return [live["metadata"]["name"] for live in objects]


def observed_on(server: Server) -> Any:
    """Return the objects on a server."""
    return observe(server)  # type: ignore[arg-type]


def test_speakers_of_this_metallb_are_read() -> None:
    server = Server()
    labels = {"app": "metallb", "component": "speaker"}
    server.add("v1", "Pod", "speaker-1", "metallb-system", **labels)
    server.add("v1", "Pod", "speaker-2", "other", **labels)
    server.add("v1", "Pod", "controller-1", "metallb-system", **CONTROLLER)
    server.add("v1", "Node", "n1")

    observed = observed_on(server)
    assert (names(observed.speakers), names(observed.nodes)) == (["speaker-1"], ["n1"])
    assert observed.server == (1, 30)


def test_controllers_of_other_metallbs_are_read() -> None:
    """In another namespace, or of the Helm chart in the same namespace."""
    server = Server()
    server.add("apps/v1", "Deployment", "controller", "metallb-system", **CONTROLLER)
    server.add("apps/v1", "Deployment", "controller", "lab", **CONTROLLER)
    server.add("apps/v1", "Deployment", "metallb-controller", "metallb-system", **HELM)
    server.add("apps/v1", "Deployment", "controller", "cert-manager", component="controller")

    assert names(observed_on(server).controllers) == ["controller", "metallb-controller"]


def test_daemon_sets_of_k3s_are_read() -> None:
    server = Server()
    label = {"svccontroller.k3s.cattle.io/nodeselector": "false"}
    server.add("apps/v1", "DaemonSet", "svclb-traefik-1a2b", "kube-system", **label)
    server.add("apps/v1", "DaemonSet", "speaker", "metallb-system", app="metallb")

    assert names(observed_on(server).service_lbs) == ["svclb-traefik-1a2b"]


def test_pools_of_cilium_are_read_in_either_version() -> None:
    assert observed_on(Server()).cilium_pools == []
    for version in ("cilium.io/v2alpha1", "cilium.io/v2"):
        server = Server((version, CILIUM))
        server.add(version, CILIUM, "blue-pool")
        assert names(observed_on(server).cilium_pools) == ["blue-pool"]


def test_configuration_of_a_kube_proxy_that_was_replaced_does_not_count() -> None:
    """The ConfigMap stays when Cilium replaces kube-proxy."""
    server = Server()
    server.add("v1", "ConfigMap", "kube-proxy", "kube-system")
    assert observed_on(server).kube_proxy is None

    server.add("apps/v1", "DaemonSet", "kube-proxy", "kube-system")
    assert observed_on(server).kube_proxy is not None
