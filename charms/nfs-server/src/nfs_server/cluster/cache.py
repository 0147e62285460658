"""The cache of what the cluster reported last, so that exports stay while it does not answer."""

from typing import List, NamedTuple

from labcharm.machine import Machine
from nfs_server.records import read_record, write_record

PATH = "/var/lib/nfs-server-charm/cluster.json"


class ClusterCache(NamedTuple):
    """What is kept about the cluster.

    Attributes:
        nodes: The addresses of its nodes.
        root: The export root at that time; empty for an external export.
        external: The external export at that time, as HOST:/PATH; empty for one of this machine.
    """

    nodes: List[str]
    root: str
    external: str = ""


def read(machine: Machine) -> ClusterCache:
    """Return the cache; empty when there is none."""
    record = read_record(machine, PATH)
    nodes = record.get("nodes")
    addresses = [str(node) for node in nodes] if isinstance(nodes, list) else []
    root, external = (str(record.get(key, "")) for key in ("root", "external"))
    return ClusterCache(addresses, root, external)


def write(machine: Machine, cache: ClusterCache) -> bool:
    """Write the cache; return whether it changed."""
    return write_record(machine, PATH, cache._asdict())


def forget(machine: Machine) -> None:
    """Remove the cache."""
    machine.remove(PATH)
