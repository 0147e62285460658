"""What there is to say of a cluster where everything is applied."""

from typing import NamedTuple

from labcharm.text import some
from nfs_server.cluster.storage import Storage, Wish

_CLASSLESS = "make the StorageClass again before these claims are deleted: %s"
# The state is Juju's name of a status: active, waiting or blocked.
Outcome = NamedTuple("Outcome", [("state", str), ("told", str)])


def look(cluster: Storage, wish: Wish, served: str) -> Outcome:
    """Return how a cluster stands.

    Args:
        cluster: The cluster.
        wish: What was applied.
        served: What the server serves, in words.
    """
    problem, refused = cluster.class_problem(wish.kind)
    if refused:
        return Outcome("blocked", problem)
    waiting = cluster.not_ready(wish)
    if waiting:
        return Outcome("waiting", "%s; %s" % (served, "; ".join(waiting)))
    alone = cluster.classless(wish.kind)
    problem = "; ".join(filter(None, [problem, _CLASSLESS % some(alone) if alone else ""]))
    default = " (default)" if wish.kind.default else ""
    told = "%s; StorageClass %s%s, provisioner %s"
    told = told % (served, wish.kind.name, default, wish.release.name)
    return Outcome("active", told + ("; " + problem if problem else ""))
