"""The nodes of the application's units, which the units publish to each other.

The leader grants each unit the rights on its own node.
"""

import json
from contextlib import suppress
from typing import Any, Dict, List, Mapping

from labcharm import compat
from labcharm.errors import WaitingError

PEER = "units"
_NODE = "node"
_GRANTED = "granted-nodes"
# Charms and events are objects of ops 1.5 to 3, which this package does not import.
Charm = Any
Event = Any


def events(charm: Charm) -> List[Event]:
    """Return the events after which the nodes may have changed."""
    on = charm.on
    return [on[PEER].relation_changed, on[PEER].relation_departed, on.leader_settings_changed]


def publish_node(charm: Charm, node: str, event: Event = None) -> None:
    """Publish the unit's node.

    Args:
        charm: The charm.
        node: The node's name; empty for a unit without work on a node.
        event: The event that is being handled.
    """
    for relation in compat.relations(charm, PEER, event):
        compat.publish(relation.data[charm.unit], {_NODE: node})


def read_nodes(charm: Charm, event: Event = None) -> Dict[str, str]:
    """Return the node of each unit that published one, by the unit's name."""
    departing = getattr(event, "departing_unit", None)
    return {
        unit.name: relation.data[unit][_NODE]
        for relation in compat.relations(charm, PEER, event)
        for unit in {*relation.units, charm.unit} - {departing}
        if relation.data[unit].get(_NODE)
    }


def announce_grants(charm: Charm, nodes: Mapping[str, str]) -> None:
    """Let the units that await their rights run a hook. Only the leader may do this.

    Args:
        charm: The charm.
        nodes: The nodes on which the units have their rights, by the unit's name.
    """
    with suppress(WaitingError):  # without the peer relation there is no unit to wake
        compat.LeaderData(charm, PEER).write({_GRANTED: json.dumps(dict(nodes), sort_keys=True)})
