"""The nodes that announce addresses, and the reasons why other nodes do not.

Sources, by MetalLB's release (speaker/layer2_controller.go and bgp_controller.go):
- From 0.14.0 on, a node with the label node.kubernetes.io/exclude-from-external-load-balancers
  announces nothing; from 0.14.4 on, unless the speakers have the flag ignore-exclude-lb. No
  release reads the older label alpha.service-controller.kubernetes.io/exclude-balancer.
- From 0.13.10 on, a node with the condition NetworkUnavailable announces nothing. An earlier
  release announces there, but the node cannot pass the traffic on, so the charm does not count it.
"""

from typing import Dict, List, Optional

from labcharm.json_types import JsonMapping, JsonObject
from labcharm.text import summarize
from labkube.inspect.readiness import has_condition, is_ready
from metallb.cluster.observed import Observed
from metallb.config import bgp
from metallb.config.pools import Pool
from metallb.desired_state import DesiredState
from metallb.health.findings import BLOCKED, OK, WAITING, Finding
from metallb.health.selectors import selects
from metallb.manifests.flags import flag

CHECK = "announcers"
EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_FIRST_WITH_EXCLUDE_LABEL = (0, 14, 0)
_SHORT_LABEL = EXCLUDE_LABEL.partition("/")[2]
_EXCLUDED, _NO_NETWORK = "label " + _SHORT_LABEL, "NetworkUnavailable"
_NO_SPEAKER = "no ready speaker"


def announcers(desired: DesiredState, observed: Observed) -> Finding:
    """Return whether every pool has a node that announces its addresses."""
    obstacles = _obstacles(desired, observed)
    able = [node for node in observed.nodes if not obstacles[_name(node)]]
    if not able:
        return _no_announcer(obstacles)
    for pool in desired.pools:
        problem = _peer_problem(pool, desired.peers, able) if pool.protocol == bgp.PROTOCOL else ""
        if problem:
            return Finding(CHECK, BLOCKED, f"pool {pool.name}: {problem}")
    unable = [f"{name} ({reason})" for name, reason in sorted(obstacles.items()) if reason]
    rest = f"; not {summarize(unable)}" if unable else ""
    return Finding(CHECK, OK, f"{len(able)} of {len(obstacles)} nodes can announce{rest}")


def _obstacles(desired: DesiredState, observed: Observed) -> Dict[str, str]:
    """Return why each node announces nothing; empty for a node that can announce."""
    speakers = {pod.get("spec", {}).get("nodeName") for pod in observed.speakers if is_ready(pod)}
    honours_label = desired.release.number >= _FIRST_WITH_EXCLUDE_LABEL and flag(
        desired.release_objects, "speaker", "ignore-exclude-lb"
    ) in ("", "false")
    return {
        _name(node): (_obstacle(node, honours_label) if _name(node) in speakers else _NO_SPEAKER)
        for node in observed.nodes
    }


def _obstacle(node: JsonObject, honours_label: bool) -> str:
    if honours_label and EXCLUDE_LABEL in _labels(node):
        return _EXCLUDED
    return _NO_NETWORK if has_condition(node, "NetworkUnavailable") else ""


def _no_announcer(obstacles: Dict[str, str]) -> Finding:
    reasons = [reason for reason in obstacles.values() if reason != _NO_SPEAKER]
    excluded = reasons.count(_EXCLUDED)
    if not reasons:
        fix = "check the options node-selector and tolerations"
        return Finding(CHECK, BLOCKED, f"no node runs a ready speaker; {fix}")
    if not excluded:
        message = f"no network on {_nodes(len(reasons))} (NetworkUnavailable); repair the CNI"
        return Finding(CHECK, WAITING, message)
    if excluded == len(reasons):
        message = f"{_nodes(excluded)}: label {_SHORT_LABEL}; remove this label"
        return Finding(CHECK, BLOCKED, message)
    causes = f"{excluded} excluded by label, {len(reasons) - excluded} without network"
    return Finding(CHECK, BLOCKED, f"no node can announce: {causes}; verify names the nodes")


def _nodes(count: int) -> str:
    return f"all {count} nodes with a speaker" if count > 1 else "the only node with a speaker"


def _peer_problem(pool: Pool, peers: List[JsonObject], able: List[JsonObject]) -> str:
    """Return why no BGP peer learns the addresses of a pool; empty where one does."""
    if not peers:
        return "protocol bgp, but no peer; add peers to the option pools"
    if any(selects(peer, _labels(node)) for peer in peers for node in able):
        return ""
    return "no peer selects a node that can announce; check node-selectors"


def _name(node: JsonObject) -> str:
    return str(node["metadata"]["name"])


def _labels(node: Optional[JsonObject]) -> JsonMapping:
    labels: JsonMapping = (node or {}).get("metadata", {}).get("labels") or {}
    return labels
