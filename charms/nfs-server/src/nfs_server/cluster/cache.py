"""What was last known of the cluster, so that exports stand while it does not answer."""

import json
from typing import Any, List, NamedTuple

from labcharm.machine import Machine

PATH = "/var/lib/nfs-server-charm/cluster.json"
Known = NamedTuple("Known", [("nodes", List[str]), ("root", str)])


def read(machine: Machine) -> Known:
    """Return the nodes that were last seen, and the export root that they had then."""
    try:
        found: Any = json.loads(machine.read(PATH) or "{}")
    except ValueError:
        found = {}
    nodes = found.get("nodes") or []
    return Known([str(one) for one in nodes], str(found.get("root", "")))


def write(machine: Machine, known: Known) -> bool:
    """Keep it; tell whether it is new."""
    return machine.write(PATH, json.dumps(known._asdict(), sort_keys=True) + "\n", 0o600)


def forget(machine: Machine) -> None:
    """Forget it."""
    machine.remove(PATH)
