"""The options and the storage of the charm nfs-server for a site."""

from __future__ import annotations

from pathlib import Path

import yaml

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
