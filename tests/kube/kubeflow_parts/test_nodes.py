"""The checks of nodes on the oldest and the newest API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.cluster_objects import (
    manifest_of,
)
from helpers.kubeflow.cluster_state import (
    Listing,
)
from helpers.kubeflow.preflight_runs import (
    FakeHost,
    add_node,
    run_checks,
)
from labkube.client.api import Api, ApiError
from labkube.inspect.quantity import parse_quantity


def test_insufficient_nodes_are_reported(api: Api, before: Listing) -> None:
    """The largest node that accepts pods counts, or all of them together."""
    add_node(api, "small", cpu="2", memory="7900000Ki", ephemeral_storage="30G")
    add_node(api, "middle", cpu="3900m", memory="11.5Gi", ephemeral_storage="6e10")
    add_node(api, "down", is_ready=False, cpu="64", memory="1Ti", ephemeral_storage="1Ti")
    add_node(api, "tainted", cpu="64", memory="1Ti", ephemeral_storage="1Ti")
    taint = [{"key": "lab", "effect": "NoExecute"}]
    api.patch(manifest_of("v1", "Node", "tainted"), {"spec": {"taints": taint}})
    add_node(api, "cordoned", cpu="64", memory="1Ti", ephemeral_storage="1Ti")
    api.patch(manifest_of("v1", "Node", "cordoned"), {"spec": {"unschedulable": True}})
    skipped = ("storage-class", "load-balancer")
    try:
        assert [problem.message for problem in run_checks(api, skipped=skipped)] == [
            "no node that accepts pods has 4 CPUs, 12 GiB of memory and 50 GB of disk"
            " (middle: 3.9 CPUs, 11.5 GiB, 60 GB, small: 2 CPUs, 7.534 GiB, 30 GB);"
            " add a larger worker"
        ]
        assert run_checks(api, skipped=skipped, needs={"cpu": 5.9, "per_node": False}) == []
        failed = run_checks(api, skipped=skipped, needs={"disk": 100, "per_node": False})
        assert (
            "do not have 4 CPUs, 12 GiB of memory and 100 GB of disk (all 2 tog"
            in failed[0].message
        )
        for name in ("small", "middle"):
            api.delete(manifest_of("v1", "Node", name))
        assert [problem.message for problem in run_checks(api, skipped=skipped)] == [
            "no node accepts pods: cordoned is cordoned, down is not ready, tainted has the taint"
            " lab:NoExecute; add a worker, or make a node ready"
        ]
    finally:
        api.request("DELETE", "/api/v1/nodes")


QUANTITIES = (
    "0", "5", "+5", "1.5Gi", ".5Mi", "5.", "500m", "7000000n", "2000u", "3k", "3M", "3G", "3T",
    "3P", "3E", "3Ki", "3Mi", "3Ti", "3Pi", "3Ei", "1e3", "1E3", "1.25e6", "1e-3", "12e+2",
)  # fmt: skip
NO_QUANTITIES = ("", "1 Gi", "1gi", "1K", "1e", "1.5.5", "1e3Ki", "0x10", "--1", "1_000", "٣")


def test_quantities_are_parsed_as_the_server_parses_them(api: Api, before: Listing) -> None:
    """The server accepts a range whose minimum is not above its maximum."""
    for text in QUANTITIES:
        thousandths = parse_quantity(text) * 1000
        assert thousandths.denominator == 1
        same = f"{thousandths}m"
        assert is_range(api, text, same), text
        assert is_range(api, same, text), text
        assert not is_range(api, f"{thousandths + 1}m", text), text
    for text in NO_QUANTITIES:
        with pytest.raises(ApiError):
            is_range(api, "0", text)
        with pytest.raises(ValueError, match="is not a quantity"):
            parse_quantity(text)


def is_range(api: Api, least: str, most: str) -> bool:
    """Return whether the server accepts a range of quantities; nothing is stored."""
    limit = {"type": "Container", "min": {"memory": least}, "max": {"memory": most}}
    body = manifest_of("v1", "LimitRange", "sizes", "default", spec={"limits": [limit]})
    path = api.path_of(body, with_name=False)
    try:
        api.request("POST", path, body, query={"dryRun": "All"})
    except ApiError as error:
        if "is greater than max value" not in str(error):
            raise
        return False
    return True


def test_limits_of_the_local_node_are_checked(
    api: Api, sufficient_cluster: None, assigned_addresses: None, tmp_path: Path
) -> None:
    """Only where one of the machine's addresses is the node's."""
    add_node(api, "local", address="192.0.2.7", cpu="1", memory="1Gi")
    inotify = tmp_path / "proc/sys/fs/inotify"
    inotify.mkdir(parents=True)
    (inotify / "max_user_instances").write_text("128\n")
    (inotify / "max_user_watches").write_text("1255360\n")
    try:
        assert run_checks(api, FakeHost(tmp_path, "192.0.2.8", "fd00::1")) == []
        failed = run_checks(api, FakeHost(tmp_path, "192.0.2.8", "192.0.2.7"))
        assert [problem.name for problem in failed] == ["node-limits"]
        assert failed[0].message.startswith(
            "node local: fs.inotify.max_user_instances is 128, less"
        )
    finally:
        api.delete(manifest_of("v1", "Node", "local"))
