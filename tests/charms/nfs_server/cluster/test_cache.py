"""What is kept about a cluster while it does not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine
from nfs_server.cluster import cache
from nfs_server.cluster.cache import ClusterCache


def test_cache_is_read_back_until_it_is_forgotten(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    nodes = ClusterCache(["10.0.0.7", "10.0.0.8"], "/nfsroot")

    assert cache.read(machine) == ClusterCache([], "")
    assert cache.write(machine, nodes) is True
    assert cache.write(machine, nodes) is False
    assert cache.read(machine) == nodes
    cache.forget(machine)
    assert cache.read(machine) == ClusterCache([], "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": null}'])
def test_damaged_cache_is_empty(tmp_path: Path, text: str) -> None:
    machine = Machine(str(tmp_path))
    machine.write(cache.PATH, text)

    assert cache.read(machine) == ClusterCache([], "")
