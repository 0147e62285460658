"""The texts of all statuses, with realistic names, as `juju status` shows them."""

from __future__ import annotations

from pathlib import Path

from helpers.status_texts import essential_part, status_texts
from labcharm.text import STATUS_LIMIT

SOURCE = Path(__file__).resolve().parents[3] / "charms/nfs-server/src"
PATH, NAMESPACE = "/srv/kubernetes-volumes", "nfs-client-provisioner-system"
CLAIM = f"kubeflow/katib-mysql in {PATH}/kubeflow-katib-mysql-pvc-0a1b2c"
SAMPLES = {
    "' '.join(names)": "rw ro sync async no_subtree_check subtree_check root_squash all_squash",
    "' '.join(settings.versions)": "4.1 4.2",
    "' '.join(wrong)": "3 4.0 4.1 4.2",
    "' or '.join(filter(None, choices))": "delete or retain",
    "', '.join(VERSIONS)": "3, 4.0, 4.1, 4.2",
    "'; '.join(problems)": "'rx' is not one of rw ro sync async",
    "[f'StorageClass {name}']": "StorageClass nfs-client-provisioner-verify",
    "[f'the binding {BINDING} has no address yet']": "the binding nfs has no address yet",
    "[str(line) for line in foreign]": f"/etc/exports.d/storage.exports line 12 exports {PATH}",
    "_message_of(messages or answer.out)": "line 2: unknown keyword rx",
    "_yes_or_no(_has_version_4(settings.versions))": "y",
    "_LAST_PORT": "65535",
    "accepted[-1]": "clients, options, path",
    "better": "v4.0.2",
    "claims": CLAIM,
    "client_share.name": "mount-kubernetes-worker",
    "clients": "10.0.0.0/24",
    "description": "a name of lower-case letters, digits and dashes",
    "error": "the API cannot be reached: timed out",
    "foreign": f"Deployment {NAMESPACE}/nfs-client-provisioner",
    "foreign_objects_text(error)": "foreign objects; delete them, or take them over with"
    f" sync-objects adopt=true: Deployment {NAMESPACE}/nfs-client-provisioner",
    "key": "client",
    "kind": "user",
    "message": "on-delete: v3.1.0-k8s1.11 does not have this option; leave it empty",
    "mounted": "192.168.100.240",
    "name": "datasets",
    "name_of(live)": f"Namespace {NAMESPACE}",
    "named[key]": "root_squash",
    "', '.join(idle)": "networks, shares, options, nfs-versions, threads",
    "EXTERNAL_EXPORT": "external-export",
    "export.server": "nas-storage.lab.example",
    "host": "nas-storage.lab.example",
    "option": "hard!",
    "options.external": f"nas-storage.lab.example:{PATH}",
    "port": "2049",
    "path": PATH,
    "peers.holders[0]": "nfs-server/0",
    "plain": "/var/log/shares",
    "reader.problems": "networks: * admits everybody; name networks, or set allow-world=true",
    "reason": "the kernel's table differs from the file",
    "release.name": "v3.1.0-k8s1.11",
    "root": "/srv/volumes",
    "self._why_no_nfsd(modprobe.err)": "kernel 5.15.0-1053-gke has no NFS server; install"
    " linux-modules-extra-5.15.0-1053-gke: modprobe: FATAL: Module nfsd not found",
    "server[0]": "1",
    "server[1]": "34",
    "settings.threads": "9",
    "share.name": "datasets",
    "share.path": PATH,
    "storage_path": "/nfsroot",
    "summarize(claims)": CLAIM,
    "summarize(files)": "lost.txt, home, data and 12 more",
    "summarize(hidden)": "kubeflow-katib-mysql-pvc-0a1b2c, data and 12 more",
    "summarize(pods)": "Pod default/nfs-client-provisioner-7d4b9c6f5-x2x4z",
    "summarize(used)": PATH,
    "summarize(remaining)": f"Namespace {NAMESPACE} is held by its finalizers kubernetes",
    "summarize(remaining, 1)": f"Namespace {NAMESPACE} and 9 more",
    "summary": "12 directories exported to 128 clients",
    "text": "${.PVC.namespace}",
    "threads": "5000",
    "word": "'5.0'",
}
# These modules hold texts of `verify` and `usage` alone, and no status.
EXCLUDED = ("checks.py", "claim_trial.py", "clients.py", "mount_trial.py", "policies.py",
            "policy_trial.py", "usage.py")  # fmt: skip


def test_every_status_text_shows_cause_and_fix() -> None:
    """A longer text has nothing but details behind the part that is shown."""
    paths = [path for path in SOURCE.rglob("*.py") if path.name not in EXCLUDED]
    texts = status_texts(paths, SAMPLES)

    assert len(texts) > 50
    assert [
        text for text in texts if len(essential_part(text.text, STATUS_LIMIT)) > STATUS_LIMIT
    ] == []
