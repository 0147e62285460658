"""The trial of an external export with upstream's provisioner on a real API server.

The provisioner runs as a process in a directory of its own, which stands for its pod: in it, the
directory /persistentvolumes stands for the mounted export. With a kubelet and a mounted export of
another NFS server it runs in test_nfs_claims.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError, binaries, provisioner
from helpers.nfs.defaults import STORAGE_CLASS
from labcharm.machine import Machine
from labcharm.polling import wait_until
from labkube.client.access import Access
from labkube.client.api import Api
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.provisioner import make_objects
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.status import ClusterStatus
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.external.export import ExternalExport
from nfs_server.external.trial import confirm, run_trial
from nfs_server.verify.params import VerifyParams

EXPORT = ExternalExport("10.99.0.9", "/tank/k8s")
SOURCE = ExportSource(*EXPORT, ("nfsvers=4.1",))
# The program of v4.0.2 is not a Go module that can be built.
RELEASE = find_release("v3.1.0-k8s1.11")
DESIRED = DesiredState(RELEASE, STORAGE_CLASS, make_objects(RELEASE, STORAGE_CLASS, SOURCE, ""))
PARAMS = VerifyParams("", "default", 60.0)
ACTIVE = ClusterStatus("active", f"export {EXPORT}")
ACCOUNT = f"system:serviceaccount:{STORAGE_CLASS.namespace}:{STORAGE_CLASS.object_name}"
NOBODY = 65534


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server that gives selfLink, with the controllers that bind and delete volumes."""
    if os.geteuid():
        pytest.skip("only root can run a program in a directory of its own")
    folder = tmp_path_factory.mktemp("kube")
    try:
        provisioner()
        server = ApiServer(binaries(), folder, manager=True, gates="RemoveSelfLink=false")
        server.start(
            "namespace,serviceaccount,persistentvolume-binder,pv-protection,pvc-protection"
        )
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def cluster(control: ApiServer) -> Iterator[ClusterStorage]:
    """Return the cluster, to which the charm has applied its objects."""
    api = Api(Access(control.url, control.ca, control.token))
    storage = ClusterStorage(api, "nfs-server.0a1b2c3d")
    storage.apply(DESIRED)
    # Otherwise a provisioner waits 15 seconds for the lease of the one before it.
    control.kubectl("delete", "endpoints", "--all", "-n", STORAGE_CLASS.namespace)
    yield storage
    api.close()


@contextlib.contextmanager
def running(control: ApiServer, pod: Path, user: int) -> Iterator[Path]:
    """Run the provisioner as a user; yield the directory that stands for the export."""
    account = pod / "var/run/secrets/kubernetes.io/serviceaccount"
    export = pod / "persistentvolumes"
    for directory in (account, export, pod / "tmp"):
        directory.mkdir(parents=True, exist_ok=True)
    (pod / "tmp").chmod(0o1777)
    (account / "ca.crt").write_text(control.ca)
    (account / "namespace").write_text(STORAGE_CLASS.namespace)
    (account / "token").write_text(control.token_of(ACCOUNT, "system:serviceaccounts"))
    shutil.copy(provisioner() / "nfs-client-provisioner", pod / "provisioner")
    url = urlsplit(control.url)
    environment = {
        "KUBERNETES_SERVICE_HOST": str(url.hostname),
        "KUBERNETES_SERVICE_PORT": str(url.port),
        "PROVISIONER_NAME": STORAGE_CLASS.provisioner,
        "NFS_SERVER": EXPORT.server,
        "NFS_PATH": EXPORT.path,
    }
    command = ["/usr/sbin/chroot", f"--userspec={user}:{user}", str(pod), "/provisioner"]
    with (pod / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield export
    finally:
        process.terminate()
        process.wait()


def pod_directory(tmp_path: Path) -> Path:
    """Return a directory that all users can enter."""
    pod = tmp_path / "pod"
    pod.mkdir()
    for directory in (pod, *list(pod.parents)[:2]):
        directory.chmod(0o755)
    return pod


def test_trial_binds_a_claim_and_leaves_nothing(
    control: ApiServer, cluster: ClusterStorage, tmp_path: Path
) -> None:
    """On the export and on the cluster, though the application's class archives directories."""
    machine = Machine(str(tmp_path / "machine"))
    with running(control, pod_directory(tmp_path), user=0) as export:
        (check,) = run_trial(machine, cluster, DESIRED, SOURCE, PARAMS, has_pods=False)
        is_empty = wait_until(lambda: not list(export.iterdir()), 30)

    assert check.ok, (check, (tmp_path / "pod/log").read_text()[-2000:])
    assert check.message.startswith(f"bound to {EXPORT.path}/default-nfs-verify-")
    assert is_empty
    assert control.kubectl("get", "pvc", "-n", "default", "-o", "name") == ""
    assert control.kubectl("get", "sc", "-o", "name").split() == [
        f"storageclass.storage.k8s.io/{STORAGE_CLASS.name}"
    ]


def test_export_that_squashes_root_is_named_in_the_status(
    control: ApiServer, cluster: ClusterStorage, tmp_path: Path
) -> None:
    """The provisioner then is nobody there, and its event has the reason."""
    machine = Machine(str(tmp_path / "machine"))
    params = PARAMS._replace(timeout=10.0)
    with running(control, pod_directory(tmp_path), user=NOBODY) as export:
        status = confirm(
            machine, cluster, EXPORT, SOURCE, DESIRED, ACTIVE,
            lambda: run_trial(machine, cluster, DESIRED, SOURCE, params, has_pods=False),
        )  # fmt: skip
        assert list(export.iterdir()) == []

    assert status.name == "waiting"
    expected = f"let root of the nodes write (no_root_squash) on {EXPORT}: not bound: "
    assert status.message.startswith(expected), status.message
    assert control.kubectl("get", "pvc", "-n", "default", "-o", "name") == ""
