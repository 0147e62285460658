"""The overview of a lab as lines: what a screen has no place for is counted."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from botlab.live.overview.lines import overview_lines
from botlab.live.overview.model import ClusterState, MachineRow, NodeRow, Overview, PoolRow
from botlab.live.wait.missing import Activity, Missing
from botlab.live.wait.readiness import Count, Readiness

URL = "https://10.0.0.1:6443"
MACHINE = MachineRow(
    "0", "node0", "started", ("10.0.0.5", "fd00::5"), ("etcd/0", "easyrsa/0"), False
)
NODE = NodeRow("node0", True, "v1.35.2", True)
READINESS = Readiness(Count(1, 2), Count(0, 0), {"etcd": Count(1, 3), "metallb": Count(1, 1)}, ())
OVERVIEW = Overview("lab", "m", "c", "3.6.11", "1.35/stable", (MACHINE,), READINESS)


def lines(**fields: Any) -> list[str]:
    """Return the lines of the overview with other fields."""
    return list(overview_lines(dataclasses.replace(OVERVIEW, **fields)))


def test_lab_without_a_cluster_has_machines_and_units() -> None:
    """The first address of a machine is shown, and what is not known is left out."""
    unknown = MachineRow("1", "", "pending", (), (), False)

    assert lines(machines=(MACHINE, unknown), controller="") == [
        "lab: healthy (model m, Juju 3.6.11)",
        "machines: 1 of 2 started",
        "  0  node0  10.0.0.5  started  etcd/0 easyrsa/0",
        "  1  pending",
        "units ready: etcd 1/3, metallb 1/1",
    ]
    assert lines(controller="c")[0] == "lab: healthy (model c:m, Juju 3.6.11)"


@pytest.mark.parametrize(
    ("channel", "text"), [("1.35/stable", "channel 1.35/stable"), ("", "channel not known")]
)
def test_cluster_that_cannot_be_read_has_its_reason(channel: str, text: str) -> None:
    assert f"cluster ({text}): cannot be read: it is away" in lines(
        channel=channel, cluster_problem="it is away"
    )


def test_cluster_has_its_nodes_gpus_and_storage_classes() -> None:
    nodes = (
        NODE,
        NodeRow("node1", False, "v1.34.0", False, 4, 1, "kubelet stopped"),
        NodeRow("node2", True, "v1.35.2", None, 2, 2),
    )
    cluster = ClusterState(URL, "v1.35.2", nodes, (("nfs", True), ("slow", False)))

    assert lines(cluster=cluster)[-6:] == [
        f"cluster: {URL} answers, version v1.35.2 (channel 1.35/stable), 2 of 3 nodes ready",
        "  node0  ready  v1.35.2",
        "  node1  not ready  v1.34.0 (not of the channel)  1 of 4 GPUs used  kubelet stopped",
        "  node2  ready  v1.35.2  2 of 2 GPUs used",
        "GPUs: 3 of 6 used",
        "storage classes: nfs (default), slow",
    ]
    assert lines(cluster=dataclasses.replace(cluster, nodes=(), storage_classes=()))[-3:] == [
        f"cluster: {URL} answers, version v1.35.2 (channel 1.35/stable), 0 of 0 nodes ready",
        "GPUs: 0 of 0 used",
        "storage classes: none",
    ]


@pytest.mark.parametrize(("number", "are_counted"), [(16, False), (17, True)])
def test_rows_that_are_as_they_should_be_are_counted_in_a_large_lab(
    number: int, are_counted: bool
) -> None:
    """The others are shown."""
    machines = [dataclasses.replace(MACHINE, name=str(index)) for index in range(number)]
    machines[3] = dataclasses.replace(MACHINE, name="3", state="down")
    nodes = [dataclasses.replace(NODE, name=f"node{index}") for index in range(number)]
    nodes[1] = dataclasses.replace(NODE, name="node1", note="cordoned")
    nodes[2] = dataclasses.replace(NODE, name="node2", fits_channel=False)
    nodes[3] = dataclasses.replace(NODE, name="node3", is_ready=False)
    cluster = ClusterState(URL, "v1.35.2", tuple(nodes), ())

    text = lines(machines=tuple(machines), cluster=cluster)

    rows = [line for line in text if line.startswith("  ")]
    if are_counted:
        assert rows == [
            "  3  node0  10.0.0.5  down  etcd/0 easyrsa/0",
            "  and 16 more that are started",
            "  node1  ready  v1.35.2  cordoned",
            "  node2  ready  v1.35.2 (not of the channel)",
            "  node3  not ready  v1.35.2",
            "  and 14 more that are ready",
        ]
    else:
        assert len(rows) == 2 * number


def test_services_and_faults_come_last() -> None:
    """A fault has its fix, and a note is no fault."""
    missing = Missing("unit", "etcd/0", Activity.BLOCKED, "blocked", "no peer", "etcd", "add one")
    waiting = Missing("unit", "etcd/1", Activity.WAITING, "waiting", "", "etcd")
    readiness = dataclasses.replace(
        READINESS,
        applications={"kubeflow-installer": Count(1, 1)},
        containers=Count(1, 2),
        missing=(missing, waiting),
        notes=("the model also has x",),
    )
    pools = (
        PoolRow("metallb", "default", ("10.0.0.1-10.0.0.8", "10.1.0.0/31"), 10, 3),
        PoolRow("metallb", "web", ("10.2.0.0/30",), 4),
    )
    cluster = ClusterState(URL, "v1.35.2", (NODE,), (), ("no default storage class",))

    text = lines(readiness=readiness, pools=pools, cluster=cluster)

    assert text[:2] == [
        "lab: not healthy (model c:m, Juju 3.6.11)",
        "machines: 1 of 2 started, containers 1 of 2 started",
    ]
    assert text[-10:] == [
        "addresses: pool default (10.0.0.1-10.0.0.8, 10.1.0.0/31): 3 of 10 addresses used, 7 free",
        "addresses: pool web (10.2.0.0/30): 4 addresses",
        "Kubeflow: its URL is not known yet",
        "not ready:",
        "  etcd/0 blocked: no peer",
        "      fix: add one",
        "  etcd/1 waiting",
        "problems:",
        "  no default storage class",
        "note: the model also has x",
    ]
    assert "Kubeflow: https://flow" in lines(readiness=readiness, kubeflow_url="https://flow")
