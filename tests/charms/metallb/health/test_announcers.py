"""The nodes that announce addresses."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.metallb_cluster import EMPTY, EXCLUDE_LABEL, desired_on, healthy, node, speaker
from metallb.health.announcers import announcers
from metallb.health.findings import BLOCKED, OK, WAITING

EXCLUDED = {EXCLUDE_LABEL: ""}
BGP = "{name: public, protocol: bgp, addresses: [198.51.100.0/24]}"
PEER = "[{peer-address: 10.0.0.1, peer-asn: 1, my-asn: 2, node-selectors: [%s]}]"


def finding(*nodes: Any, speakers: Any = None, **desired: Any) -> tuple[str, str]:
    """Return severity and message for nodes; by default every node has a speaker."""
    if speakers is None:
        speakers = [speaker(live["metadata"]["name"]) for live in nodes]
    observed = EMPTY._replace(nodes=list(nodes), speakers=speakers)
    outcome = announcers(desired_on(**desired), observed)
    return outcome.severity, outcome.message


def test_nodes_that_announce_nothing_are_named_in_verify() -> None:
    nodes = [node("a"), node("b", labels=EXCLUDED), node("c", is_offline=True), node("d")]
    speakers = [speaker("a"), speaker("b"), speaker("c"), speaker("d", is_ready=False)]

    assert finding(*nodes, speakers=speakers) == (
        OK,
        "1 of 4 nodes can announce; not b (label exclude-from-external-load-balancers),"
        " c (NetworkUnavailable), d (no ready speaker)",
    )


def test_addresses_are_not_announced_when_every_node_is_excluded() -> None:
    """The only node of a small cluster of kubeadm or k3s often has the label."""
    assert finding(node("a", labels=EXCLUDED)) == (
        BLOCKED,
        "the only node with a speaker: label exclude-from-external-load-balancers; remove this"
        " label",
    )
    severity, message = finding(node("a", labels=EXCLUDED), node("b", labels=EXCLUDED))
    assert (severity, message[:26]) == (BLOCKED, "all 2 nodes with a speaker")


@pytest.mark.parametrize("version", ["v0.8.1", "v0.12.1", "v0.13.12"])
def test_label_counts_from_0_14_on(version: str) -> None:
    """Earlier releases do not read it."""
    assert finding(node("a", labels=EXCLUDED), version=version)[0] == OK
    assert finding(node("a", labels=EXCLUDED), version="v0.14.9")[0] == BLOCKED


def test_older_label_of_the_service_controller_does_not_count() -> None:
    """No release of MetalLB reads it."""
    older = {"alpha.service-controller.kubernetes.io/exclude-balancer": "true"}
    assert finding(node("a", labels=older))[0] == OK


@pytest.mark.parametrize(
    ("flag", "severity"),
    [
        ("--ignore-exclude-lb", OK),
        ("--ignore-exclude-lb=true", OK),
        ("--ignore-exclude-lb=false", BLOCKED),
    ],
)
def test_speakers_of_a_pinned_manifest_may_ignore_the_label(flag: str, severity: str) -> None:
    assert finding(node("a", labels=EXCLUDED), speaker=flag)[0] == severity


def test_network_that_is_unavailable_on_every_node_may_recover() -> None:
    assert finding(node("a", is_offline=True), node("b", is_offline=True)) == (
        WAITING,
        "no network on all 2 nodes with a speaker (NetworkUnavailable); repair the CNI",
    )


def test_different_reasons_are_counted() -> None:
    nodes = [node("a", is_offline=True), node("b", labels=EXCLUDED)]
    assert finding(*nodes) == (
        BLOCKED,
        "no node can announce: 1 excluded by label, 1 without network; verify names the nodes",
    )


@pytest.mark.parametrize("speakers", [[], [speaker("a", is_ready=False)], [speaker("gone")]])
def test_cluster_without_a_ready_speaker_announces_nothing(speakers: Any) -> None:
    """A DaemonSet that no node matches counts as ready, with 0 of 0 pods."""
    message = "no node runs a ready speaker; check the options node-selector and tolerations"
    assert finding(node("a"), speakers=speakers) == (BLOCKED, message)


def test_bgp_pool_needs_a_peer() -> None:
    outcome = announcers(desired_on(BGP), healthy())
    assert outcome.severity == BLOCKED
    assert outcome.message == (
        "pool public: protocol bgp, but no peer; add peers to the option pools"
    )


@pytest.mark.parametrize(
    ("selector", "severity"),
    [
        ("", OK),
        ("{match-labels: {rack: a}}", OK),
        ("{match-labels: {rack: b}}", BLOCKED),
        ("{match-expressions: [{key: rack, operator: In, values: [a, b]}]}", OK),
        ("{match-expressions: [{key: rack, operator: In, values: [b]}]}", BLOCKED),
        ("{match-expressions: [{key: rack, operator: NotIn, values: [a]}]}", BLOCKED),
        ("{match-expressions: [{key: zone, operator: NotIn, values: [a]}]}", OK),
        ("{match-expressions: [{key: rack, operator: Exists}]}", OK),
        ("{match-expressions: [{key: rack, operator: DoesNotExist}]}", BLOCKED),
        ("{match-labels: {rack: b}}, {match-labels: {rack: a}}", OK),
    ],
)
def test_bgp_pool_needs_a_peer_that_selects_an_announcing_node(
    selector: str, severity: str
) -> None:
    """An excluded node does not count, although the peer may select it."""
    nodes = [node("n1", labels={"rack": "a"}), node("n2", labels={"rack": "b", **EXCLUDED})]
    observed = EMPTY._replace(nodes=nodes, speakers=[speaker("n1"), speaker("n2")])

    assert announcers(desired_on(BGP, peers=PEER % selector), observed).severity == severity
