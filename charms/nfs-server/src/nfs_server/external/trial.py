"""The trial of an external export: a claim is bound there, and its directory is deleted again.

This unit cannot delete directories of another server, so the trial has a StorageClass of its own,
with which the provisioner deletes them. Its other settings are those of the application's class.
"""

import time
from contextlib import contextmanager
from typing import Callable, Iterator, List

from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.verify import Check
from labkube.apply.objects import ForeignObjectError
from labkube.inspect.trials import delete_trial
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.provisioner import make_class
from nfs_server.cluster.status import ClusterStatus
from nfs_server.cluster.storage_class import ExportSource, trial_class_name
from nfs_server.external.export import ExternalExport
from nfs_server.records import read_record, write_record
from nfs_server.verify.claim_trial import NOT_BOUND, TRIAL_LABEL, ClaimTrial
from nfs_server.verify.params import VerifyParams

RECORD = "/var/lib/nfs-server-charm/trial.json"
# The provisioner may just have started, and v3.1.0 first waits for its lease. A hook should not
# hold up other hooks of the machine for longer; the next hook tries again.
PARAMS = VerifyParams("", "default", 90.0)
Sleep = Callable[[float], None]


def run_trial(
    machine: Machine,
    cluster: ClusterStorage,
    desired: DesiredState,
    source: ExportSource,
    params: VerifyParams,
    has_pods: bool = True,
    sleep: Sleep = time.sleep,
) -> List[Check]:
    """Bind a claim on an external export, and write to it from a pod on each node.

    Args:
        machine: The unit's machine.
        cluster: The cluster.
        desired: Its desired state.
        source: The export.
        params: Where the claim is made, and how long the trial waits.
        has_pods: Whether pods write to the claim.
        sleep: Waits for some seconds; tests pass their own.
    """
    trial = ClaimTrial(machine, cluster.api, params, cluster.application, sleep)
    with _trial_class(cluster, desired, source, sleep) as name:
        return trial.run(name, "", has_pods)


@contextmanager
def _trial_class(
    cluster: ClusterStorage, desired: DesiredState, source: ExportSource, sleep: Sleep
) -> Iterator[str]:
    """Create the trial's class for the length of a `with` block; yield its name."""
    manifest = _class_of(cluster, desired, source)
    name, labels = manifest["metadata"]["name"], manifest["metadata"]["labels"]
    live = cluster.api.get(manifest)  # a trial that was killed left its class behind
    if live is None:
        cluster.api.create(manifest)
    elif (live["metadata"].get("labels") or {}).get(TRIAL_LABEL) != labels[TRIAL_LABEL]:
        raise ForeignObjectError([f"StorageClass {name}"], "delete it")
    try:
        yield name
    finally:
        delete_trial(cluster.api, manifest, sleep)


def _class_of(cluster: ClusterStorage, desired: DesiredState, source: ExportSource) -> JsonObject:
    deletes = "delete" if "on-delete" in desired.release.class_options else ""
    storage_class = desired.storage_class._replace(
        name=trial_class_name(desired.storage_class),
        is_default=False,
        reclaim_policy="Delete",
        archive_on_delete=False,
        on_delete=deletes,
        path_pattern="",
    )
    manifest = make_class(storage_class, source)
    manifest["metadata"]["labels"] = {TRIAL_LABEL: cluster.application}
    return manifest


def remove_leftovers(
    machine: Machine, cluster: ClusterStorage, params: VerifyParams = PARAMS
) -> None:
    """Remove what a killed trial left, while the provisioner can still delete its volume.

    Args:
        machine: The unit's machine.
        cluster: The cluster.
        params: How long to wait for the volume.

    Raises:
        ApiError: When a request fails.
    """
    ClaimTrial(machine, cluster.api, params, cluster.application).remove_leftovers("")
    selector = f"{TRIAL_LABEL}={cluster.application}"
    for live in cluster.api.list("storage.k8s.io/v1", "StorageClass", selector):
        cluster.api.delete(live)


def confirm(
    machine: Machine,
    cluster: ClusterStorage,
    export: ExternalExport,
    source: ExportSource,
    desired: DesiredState,
    status: ClusterStatus,
    trial: Callable[[], List[Check]],
) -> ClusterStatus:
    """Return the status of a cluster after a claim was seen bound on an external export.

    The trial runs once for each cluster, export, its options and the release of the provisioner.

    Args:
        machine: The machine, which keeps the record of the trial.
        cluster: The cluster.
        export: The export.
        source: The export with its mount options.
        desired: What was applied.
        status: The status of the cluster.
        trial: Runs the trial.
    """
    if status.name != "active":
        return status
    record: JsonObject = {
        "cluster": cluster.identity(),
        "server": source.server,
        "path": source.path,
        "mount-options": list(source.mount_options),
        "release": desired.release.name,
    }
    if read_record(machine, RECORD) == record:
        return status
    problems = [check.message for check in trial() if not check.ok]
    if problems:
        return ClusterStatus("waiting", _summary(problems[0], export))
    write_record(machine, RECORD, record)
    return status


def _summary(problem: str, export: ExternalExport) -> str:
    if "denied" in problem or "not permitted" in problem:
        return f"let root of the nodes write (no_root_squash) on {export}: {problem}"
    if problem.startswith(NOT_BOUND):
        return f"the provisioner makes no volume on {export}: {problem}"
    return problem


def forget(machine: Machine) -> None:
    """Remove the record of the trial."""
    machine.remove(RECORD)
