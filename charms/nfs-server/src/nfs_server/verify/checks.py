"""The checks of the action `verify`: the server, its mounts, and the cluster if it answers."""

from typing import Callable, ContextManager, List, Optional, Sequence, Tuple

from labcharm.errors import BlockedError, CharmError
from labcharm.machine import Machine
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.charm import actions
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.server.file_server import FileServer
from nfs_server.server.plan import CurrentPlan
from nfs_server.server.shares import Share
from nfs_server.verify import mount_trial
from nfs_server.verify.claim_trial import ClaimTrial
from nfs_server.verify.params import VerifyParams

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
    checks += mount_trial.configured_checks(machine, root, address, mount_options)
    return checks + mount_trial.loopback_checks(machine, root, mount_options)


def cluster_checks(
    machine: Machine, connect: Connect, export_root: str, params: VerifyParams
) -> List[Check]:
    """Check the cluster and try a claim, as far as the cluster answers.

    Args:
        machine: The machine.
        connect: Connects to the cluster, and returns its desired state too.
        export_root: The export root.
        params: The parameters of the action.
    """
    checks: List[Check] = []
    try:
        with connect() as (cluster, desired):
            checks += storage_checks(cluster, desired)
            trial = ClaimTrial(machine, cluster.api, params)
            checks += trial.run(desired.storage_class.name, export_root)
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
    reasons = cluster.not_ready(desired)
    problem, _ = cluster.class_problem(desired.storage_class)
    return [
        actions.comparison_check("objects", cluster.compare(desired), "desired"),
        Check("provisioner", not reasons, summarize(reasons) if reasons else "ready"),
        Check("default-class", not problem, problem or "no other default StorageClass"),
    ]
