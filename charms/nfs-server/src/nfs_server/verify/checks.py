"""The checks of the action `verify`: the server, its mounts, and the cluster if it answers."""

from typing import Callable, ContextManager, List, Optional, Sequence, Tuple

from labcharm.errors import BlockedError, CharmError
from labcharm.machine import Machine
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.charm import actions
from labkube.client.references import name_of
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.server.file_server import FileServer
from nfs_server.server.file_systems import exposure
from nfs_server.server.plan import CurrentPlan
from nfs_server.server.shares import Share
from nfs_server.verify import mount_trial
from nfs_server.verify.params import VerifyParams
from nfs_server.verify.policy_trial import policy_check

Connect = Callable[[], ContextManager[Tuple[ClusterStorage, DesiredState]]]


def kernel_problems(file_server: FileServer) -> List[Check]:
    """Return the failed check of a machine that cannot serve NFS, with the status's reason."""
    try:
        file_server.service.check_kernel()
    except BlockedError as error:
        return [Check("service", False, str(error))]
    return []


def machine_checks(
    machine: Machine, file_server: FileServer, current: CurrentPlan, address: Optional[str]
) -> List[Check]:
    """Check the server and mount from it.

    Args:
        machine: The machine.
        file_server: Its server.
        current: The current plan of exports.
        address: The machine's own address, which it mounts from; None where it has none yet.
    """
    root, mount_options = current.plan.root, current.options.mount_options
    shares = file_server.exported_shares(current.plan, current.storage_path)
    checks = server_checks(file_server, shares)
    checks.append(file_system_check(machine, shares))
    checks += mount_trial.configured_checks(machine, root, address, mount_options)
    return checks + mount_trial.loopback_checks(machine, root, mount_options)


def file_system_check(machine: Machine, shares: Sequence[Share]) -> Check:
    """Return a check that passes, with a warning about directories of larger file systems."""
    message = exposure(machine, shares)
    if message:
        return Check("file-system", True, f"warning: {message}")
    return Check("file-system", True, "every exported directory is a file system of its own")


def cluster_checks(
    connect: Connect,
    is_enabled: bool,
    params: VerifyParams,
    try_claim: Callable[[ClusterStorage, DesiredState], List[Check]],
) -> List[Check]:
    """Check the cluster and try a claim, as far as the cluster answers.

    Args:
        connect: Connects to the cluster, and returns its desired state too.
        is_enabled: Whether the option admission-policy is set.
        params: The parameters of the action.
        try_claim: Tries a claim.
    """
    checks: List[Check] = []
    try:
        with connect() as (cluster, desired):
            checks += storage_checks(cluster, desired)
            checks.append(policy_check(cluster, desired, params, is_enabled))
            checks += try_claim(cluster, desired)
    except CharmError as error:
        checks.append(Check("cluster", False, str(error)))
    return checks


def server_checks(file_server: FileServer, shares: Sequence[Share]) -> List[Check]:
    """Check the service and the kernel's table of exports."""
    is_active = file_server.service.is_active()
    message = f"nfs-server {'runs' if is_active else 'does not run'}"
    exports = mount_trial.run_trial(
        "exports",
        lambda: [
            actions.comparison_check("exports", file_server.exports.compare(shares), "configured")
        ],
    )
    return [Check("service", is_active, message), *exports]


def storage_checks(cluster: ClusterStorage, desired: DesiredState) -> List[Check]:
    """Compare the objects, and check the provisioner and the other default classes."""
    rivals = cluster.former_provisioners(desired.storage_class).deployments()
    reasons = cluster.not_ready(desired)
    reasons += [f"{name_of(live)} answers to the same provisioner name" for live in rivals]
    problem, _ = cluster.class_problem(desired.storage_class)
    return [
        actions.comparison_check("objects", cluster.compare(desired), "desired"),
        Check("provisioner", not reasons, summarize(reasons) if reasons else "ready"),
        Check("default-class", not problem, problem or "no other default StorageClass"),
    ]
