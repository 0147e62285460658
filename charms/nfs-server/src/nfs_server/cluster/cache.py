"""The cache of what the cluster reported last, so that exports stay while it does not answer."""

import json
from typing import Any, List, NamedTuple

from labcharm.machine import Machine

PATH = "/var/lib/nfs-server-charm/cluster.json"


class ClusterCache(NamedTuple):
    """What is kept about the cluster.

    Attributes:
        nodes: The addresses of its nodes.
        root: The export root at that time.
    """

    nodes: List[str]
    root: str


def read(machine: Machine) -> ClusterCache:
    """Return the cache; empty when there is none."""
    try:
        content: Any = json.loads(machine.read(PATH) or "{}")
    except ValueError:
        content = {}
    nodes = content.get("nodes") or []
    return ClusterCache([str(node) for node in nodes], str(content.get("root", "")))


def write(machine: Machine, cache: ClusterCache) -> bool:
    """Write the cache; return whether it changed."""
    return machine.write(PATH, json.dumps(cache._asdict(), sort_keys=True) + "\n", 0o600)


def forget(machine: Machine) -> None:
    """Remove the cache."""
    machine.remove(PATH)
