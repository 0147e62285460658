"""What the action `verify` goes through: the server, its mounts, and the cluster if it answers."""

from typing import Any, Callable, ContextManager, List, Mapping, Optional, Sequence, Tuple

from labcharm.machine import Machine
from labcharm.text import some
from labcharm.verify import Check
from labkube.charm import actions
from labkube.client.access import MissingError
from labkube.client.api import ApiError
from nfs_server.cluster.storage import Storage, Wish
from nfs_server.errors import USER, told
from nfs_server.server.serving import Serving, Step
from nfs_server.shares import Share
from nfs_server.verify import mounts
from nfs_server.verify.claim import Claim, Trial

Reach = Callable[[], ContextManager[Tuple[Storage, Wish]]]


def read_trial(params: Mapping[str, Any]) -> Trial:
    """Return what the action's parameters say of the trial of a claim."""
    return Trial(
        params.get("image") or "busybox:1.36",
        params.get("namespace") or "default",
        float(params.get("timeout") or 120),
    )


def machine_checks(
    machine: Machine, serving: Serving, step: Step, address: Optional[str]
) -> List[Check]:
    """Look at the server, and mount from it.

    Args:
        machine: The machine.
        serving: Its server.
        step: What is served.
        address: The machine's own, by which it mounts; None where it has none yet.
    """
    root, mounted = step.plan.root, step.options.mount_options
    checks = server_checks(serving, serving.exported(step.plan, step.storage))
    checks += mounts.configured_checks(machine, root, address, mounted)
    return checks + mounts.mount_checks(machine, root, mounted)


def cluster_checks(machine: Machine, reach: Reach, root: str, trial: Trial) -> List[Check]:
    """Look at the cluster and try a claim, as far as it answers.

    Args:
        machine: The machine.
        reach: Reaches the cluster, and tells what is wanted of it.
        root: The export root.
        trial: Where and how long a claim is tried.
    """
    checks: List[Check] = []
    try:
        with reach() as (cluster, wish):
            checks += storage_checks(cluster, wish)
            checks += Claim(machine, cluster.api, trial).checks(wish, root)
    except (*USER, MissingError, ApiError) as error:
        checks.append(Check("cluster", False, told(error)))
    return checks


def server_checks(serving: Serving, shares: Sequence[Share]) -> List[Check]:
    """Look at the service and at the kernel's table of exports."""
    active = serving.server.is_active()
    checks = [Check("service", active, "nfs-server " + ("runs" if active else "does not run"))]
    return checks + mounts.attempted(
        "exports", lambda: [actions.as_check("exports", serving.exports.compare(shares), "meant")]
    )


def storage_checks(storage: Storage, wish: Wish) -> List[Check]:
    """Compare the objects, look at the provisioner, and at other default classes."""
    waiting = storage.not_ready(wish)
    problem, _ = storage.class_problem(wish.kind)
    return [
        actions.as_check("objects", storage.compare(wish)),
        Check("provisioner", not waiting, some(waiting) if waiting else "ready"),
        Check("default-class", not problem, problem or "no other default StorageClass"),
    ]
