"""kube-proxy in IPVS mode, which answers for every address on every node without strictARP.

Source: MetalLB's installation page: "If you're using kube-proxy in IPVS mode, since Kubernetes
v1.14.2 you have to enable strict ARP mode." Before, kube-proxy always was strict.
"""

from typing import NamedTuple, Optional

import yaml

from labcharm.json_types import JsonObject, JsonValue
from metallb.cluster.observed import Observed
from metallb.config.pools import LAYER2
from metallb.desired_state import DesiredState
from metallb.health.findings import BLOCKED, OK, Finding

CHECK = "kube-proxy"
_FIRST_WITH_STRICT_ARP = (1, 14)
_NOT_KNOWN = "mode not known, because no ConfigMap kube-system/kube-proxy can be read; IPVS mode"
_FIX = "set ipvs.strictARP: true in ConfigMap kube-system/kube-proxy"


class Mode(NamedTuple):
    """How kube-proxy works: its mode, and whether ARP is strict."""

    name: str
    has_strict_arp: bool


def kube_proxy(desired: DesiredState, observed: Observed) -> Finding:
    """Return whether kube-proxy lets the speakers alone answer for the addresses."""
    if all(pool.protocol != LAYER2 for pool in desired.pools):
        return Finding(CHECK, OK, "no layer-2 pool depends on it")
    if observed.server < _FIRST_WITH_STRICT_ARP:
        return Finding(CHECK, OK, "strict ARP on this Kubernetes release")
    mode = read_mode(observed.kube_proxy)
    if mode is None:
        return Finding(CHECK, OK, f"{_NOT_KNOWN} needs strictARP")
    if mode.name == "ipvs" and not mode.has_strict_arp:
        return Finding(CHECK, BLOCKED, f"kube-proxy uses IPVS without strictARP; {_FIX}")
    return Finding(CHECK, OK, f"mode {mode.name}")


def read_mode(config_map: Optional[JsonObject]) -> Optional[Mode]:
    """Return the mode that kube-proxy's ConfigMap sets; None where it cannot be read.

    Args:
        config_map: The ConfigMap that kubeadm makes; None where there is none.
    """
    text = str(((config_map or {}).get("data") or {}).get("config.conf", ""))
    try:
        document: JsonValue = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    ipvs = document.get("ipvs")
    is_strict = isinstance(ipvs, dict) and ipvs.get("strictARP") is True
    return Mode(str(document.get("mode") or "iptables"), is_strict)
