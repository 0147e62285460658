"""The order in which the applications of a lab become ready."""

from __future__ import annotations

from ...catalogue.profiles import OWN_CHARMS
from ...rules.lab.facts import ALL_CONTROL_PLANES, K8S_WORKER, WORKER
from ..lab import Lab

# Each charm needs those before it: certificates, the database of the cluster, the API, the nodes.
_FIRST = ("easyrsa", "etcd", "kubeapi-load-balancer", *ALL_CONTROL_PLANES, WORKER, K8S_WORKER)


def ordered_applications(lab: Lab) -> list[str]:
    """Return the applications: the cluster's, then subordinates and unknown ones, then our own.

    Args:
        lab: The lab.
    """
    own = {name: number for number, name in enumerate(lab.own_applications)}
    ranks = {charm: number for number, charm in enumerate(_FIRST)}

    def rank(name: str) -> tuple[int, int]:
        if name in own:
            return (2, OWN_CHARMS.index(lab.charm_name(name)))
        charm = lab.charm_name(name)
        return (0, ranks[charm]) if charm in ranks else (1, 0)

    return sorted(lab.applications, key=rank)  # stable: the bundle decides between equals
