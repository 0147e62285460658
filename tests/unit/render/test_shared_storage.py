"""The options and the storage of the charm nfs-server for a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.findings import path_text
from helpers.assessments import assess_layer, paths_of
from helpers.rendered import render_example


def test_section_nfs_sets_machine_storage_shares_networks_and_class(tmp_path: Path) -> None:
    """The unit is on the machine itself."""
    shares = {"data": {"path": "/srv/data", "networks": ["*"], "read-only": True}}
    section = {"storage": "loop,200G", "shares": shares, "reclaim-policy": "Retain"}
    server = render_example(tmp_path, "botlab", nfs=section)["applications"]["nfs-server"]

    assert server["to"] == ["0"]
    assert server["storage"] == {"export": "loop,200G"}
    assert yaml.safe_load(server["options"].pop("shares")) == {
        "data": {"path": "/srv/data", "clients": ["*"], "options": "ro"}
    }
    assert server["options"] == {
        "export-root": "/nfsroot",
        "networks": "192.168.1.0/24",
        "allow-world": True,
        "reclaim-policy": "Retain",
        "storage-class": "nfs",
        "default-class": True,
    }


def test_workers_of_today_get_an_nfs_client_by_a_subordinate(tmp_path: Path) -> None:
    """Their charm installs no client since 1.29. The charm of 2019 does."""
    relations = [
        {"filesystem-client:juju-info", "kubernetes-worker:juju-info"},
        {"filesystem-client:filesystem", "nfs-server:filesystem"},
    ]
    bundle = render_example(tmp_path, "modern")
    pairs = [set(pair) for pair in bundle["relations"]]

    assert all(relation in pairs for relation in relations)
    assert bundle["applications"]["nfs-server"]["options"]["networks"] == "10.20.0.0/24"
    assert "filesystem-client" not in render_example(tmp_path, "botlab")["applications"]


def test_further_servers_have_classes_and_objects_of_their_own(tmp_path: Path) -> None:
    """Their classes are not the default, and have the names of their entries."""
    layer = {
        "nfs": {"server": "node0"},
        "nfs-servers": {
            "fast": {"server": "node1", "networks": ["10.0.0.0/25"], "storage": "loop,9G"},
            "slow": {"server": "node2", "storage-class": "archive"},
        },
    }
    bundle = assess_layer(tmp_path, layer).bundle
    assert bundle is not None
    fast, slow = (bundle.applications[f"nfs-server-{name}"] for name in ("fast", "slow"))
    assert fast is not None
    assert slow is not None

    assert (fast.to, slow.to) == (["1"], ["2"])
    assert fast.storage == {"export": "loop,9G"}
    assert fast.options == {
        "export-root": "/nfsroot",
        "networks": "10.0.0.0/25",
        "storage-class": "fast",
        "default-class": False,
        "provisioner-name": "cluster.local/nfs-client-provisioner-fast",
    }
    assert slow.options["storage-class"] == "archive"
    assert ["nfs-server-fast:kube-control", "kubernetes-master:kube-control"] in bundle.relations


def test_pinned_charm_of_a_further_server_gives_the_bundle_a_series(tmp_path: Path) -> None:
    """Juju 3.6 cannot deploy a pinned revision with a base (LP 2054375)."""
    charm = {"charmhub": "lab-nfs", "channel": "latest/stable", "revision": 5}
    layer = {
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s"},
        "nfs": {"server": "node0"},
        "nfs-servers": {"fast": {"server": "node1"}},
        "applications": {"nfs-server-fast": {"charm": charm}},
    }
    bundle = assess_layer(tmp_path, layer).bundle

    assert bundle is not None
    assert (bundle.series, bundle.default_base) == ("noble", "")


def test_placement_of_a_further_server_can_be_chosen(tmp_path: Path) -> None:
    layer = {
        "nfs": {"server": "node0"},
        "nfs-servers": {"fast": {"server": "node1"}},
        "applications": {"nfs-server-fast": {"to": ["node3"], "options": {"threads": 16}}},
    }
    bundle = assess_layer(tmp_path, layer).bundle
    assert bundle is not None
    fast = bundle.applications["nfs-server-fast"]

    assert fast is not None
    assert (fast.to, fast.options["threads"]) == (["3"], 16)


@pytest.mark.parametrize(
    ("servers", "rule", "paths"),
    [
        ({"a": {"storage-class": "nfs"}}, "BL153", ["nfs-servers.a.storage-class"]),
        ({"a": {"default-class": True}}, "BL153", ["nfs-servers.a.default-class"]),
        ({"a": {}}, "BL153", []),
        ({"a": {"server": "node0"}}, "BL154", ["nfs-servers.a.path"]),
        ({"a": {"server": "node0", "path": "/nfsroot/a"}}, "BL154", ["nfs-servers.a.path"]),
        ({"a": {"server": "node0", "path": "/"}}, "BL154", ["nfs.path"]),
        ({"a": {"server": "node0", "path": "/srv/a"}}, "BL154", []),
        (
            {"b": {"server": "node0", "path": "/x"}, "a": {"server": "node0", "path": "/x"}},
            "BL154",
            ["nfs-servers.b.path"],
        ),
        (
            {"a": {"server": "node0", "path": "/srv/a", "shares": {"x": {"path": "/nfsroot/x"}}}},
            "BL154",
            ["nfs-servers.a.shares.x.path"],
        ),
        ({"a": {"server": "nodex"}}, "BL013", ["nfs-servers.a.server"]),
        ({"a": {"path": "/etc"}}, "BL070", ["nfs-servers.a.path"]),
        ({"a": {"storage": ""}}, "BL072", ["nfs.path", "nfs-servers.a.path"]),
        ({"a": {"networks": ["*"]}}, "BL037", ["nfs-servers.a.networks[0]"]),
    ],
)
def test_findings_about_a_further_server_have_its_keys(
    servers: dict[str, dict[str, Any]], rule: str, paths: list[str], tmp_path: Path
) -> None:
    entries = {name: {"server": "node1", **fields} for name, fields in servers.items()}

    findings = assess_layer(
        tmp_path, {"nfs": {"server": "node0"}, "nfs-servers": entries}
    ).findings

    assert paths_of(findings, rule) == paths


def test_further_servers_need_the_section_nfs(tmp_path: Path) -> None:
    layer = {"nfs-servers": {"fast": {"server": "node1"}}}

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL155") == ["nfs-servers"]


def test_any_application_can_have_storage(tmp_path: Path) -> None:
    """Juju refuses a storage that the charm does not have."""
    layer = {"applications": {"etcd": {"storage": {"data": "loop,20G", "disk": "1G"}}}}
    assessment = assess_layer(tmp_path, layer)
    assert assessment.bundle is not None
    etcd = assessment.bundle.applications["etcd"]

    assert etcd is not None
    assert etcd.storage == {"data": "loop,20G", "disk": "1G"}
    paths = [path_text(finding.path) for finding in assessment.findings]
    assert "applications.etcd.storage.disk" in paths
