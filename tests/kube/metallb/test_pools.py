"""Pools and releases that the charm refuses before it applies anything."""

from __future__ import annotations

import json
from typing import Any

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.metallb import POOL, create_service, is_old, owned_objects
from helpers.kube.related import run

BAD_POOLS = {
    "{name: a, protocol: layer2, addresses: [10.0.0.9-10.0.0.1]}": "after",
    "{name: a, addresses: [10.64.9.0/24]}": "address pool is missing the protocol field",
    "{name: a, protocol: layer2}": "pool has no prefixes defined",
    "{name: a, protocol: layer2, adresses: []}": "field adresses not found",
    "{name: a, protocol: layer2, addresses: [10.152.183.1/32]}": "the service default/kubernetes",
    "{name: a, protocol: layer2, addresses: [10.152.183.64/28]}": "the services' network",
    "{name: a, protocol: layer2, addresses: [10.77.0.0/24]}": "the node n1 10.77.0.5/32",
    "{name: a, protocol: layer2, addresses: [10.88.0.0/24]}": "the network 10.88.0.0/16",
}


def create_node(cluster: ApiServer, name: str, address: str) -> None:
    """Create a node with an address."""
    path = "/api/v1/nodes"
    node: dict[str, Any] = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    node["status"] = {"addresses": [{"type": "InternalIP", "address": address}]}
    cluster.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(node))
    cluster.kubectl("replace", "--raw", f"{path}/{name}/status", "-f", "-", stdin=json.dumps(node))


def test_bad_pools_are_refused_before_anything_is_applied(cluster: ApiServer, unit: Unit) -> None:
    """With MetalLB's own words, or with words that are marked as the charm's."""
    create_node(cluster, "n1", "10.77.0.5")
    common = {"version": "v0.8.1" if is_old(cluster) else "", "reserved-networks": "10.88.0.0/16"}
    for pool, words in BAD_POOLS.items():
        unit.configure({"pools": f"- {pool}", **common})

        status = run(unit, "config-changed")

        assert status.startswith("blocked: "), status
        if words == "after":
            words = "lower address first" if is_old(cluster) else "is after the end IP"
        assert words in status
    assert owned_objects(cluster) == {}


def test_release_that_does_not_fit_is_refused(cluster: ApiServer, unit: Unit) -> None:
    """The status names the releases that fit."""
    unit.configure({"addresses": POOL, "version": "v0.16.1" if is_old(cluster) else "v0.12.1"})

    status = run(unit, "install")

    assert status.startswith("blocked: version v0.1"), status
    assert "those that do are" in status


def test_removed_pool_that_serves_an_address_blocks(cluster: ApiServer, unit: Unit) -> None:
    """The status names the services; nothing changes until sync-objects force=true."""
    run(unit, "install")
    create_service(cluster, "web", "10.64.0.101")
    create_service(cluster, "foreign", "172.16.0.9")  # of another load balancer
    objects = owned_objects(cluster)
    if not is_old(cluster):
        # No webhook answers on this server, so each change of a pool would be refused.
        cluster.kubectl("delete", "validatingwebhookconfiguration", "--all")
        objects.pop("ValidatingWebhookConfiguration metallb-webhook-configuration")
    unit.configure({"addresses": "10.64.0.200-10.64.0.210"})

    status = run(unit, "config-changed")

    assert status.startswith("blocked: services would lose their address; "), status
    assert "default/web" in status
    assert "foreign" not in status
    assert owned_objects(cluster) == objects
    assert "default/web" in unit.action("sync-objects")["failed"]

    action = unit.action("sync-objects", force=True)
    assert not action.get("failed"), action
    assert json.loads(action["results"]["changed"])
    assert run(unit, "update-status").startswith("waiting: MetalLB")
