"""The diagnosis of workloads, by states and events as the kubelet and the scheduler write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubeflow_installer.reconcile.diagnosis import diagnose
from kubeflow_installer.reconcile.known_failures import fix_for_message

SERVER = (1, 13)
NFS_ROOT = (
    "on NFS its directory must be empty and writable by root: export it with no_root_squash, mount"
    " it with sec=sys, and delete what an earlier attempt left there"
)
MYSQLD = (
    f"{NFS_ROOT}; also, no AppArmor profile of the node may apply to mysqld: apparmor_parser -R"
    " /etc/apparmor.d/usr.sbin.mysqld"
)
NFS_MODE = "fsGroup has no effect on NFS: the claim's directory needs the mode 0777"


class Cluster:
    """An API with one workload, its pods, claims and events.

    Args:
        workload: The workload, or its name.
        pods: Its pods.
        events: Warnings: the object's name, time, message.
        claims: Claims by name.
    """

    def __init__(
        self, workload: Any, pods: Any = (), events: Any = (), claims: Any = None
    ) -> None:
        self._workload = workload if isinstance(workload, dict) else deployment(workload)
        self._pods, self._events, self._claims = pods, events, claims or {}
        self.requests: list[str] = []

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return SERVER

    def get(self, reference: Any) -> Any:
        """Return the workload, or a claim."""
        name = reference["metadata"]["name"]
        self.requests.append(f"{reference['kind']} {name}")
        if reference["kind"] == "PersistentVolumeClaim":
            return self._claims.get(name)
        return self._workload if self._workload["metadata"]["name"] == name else None

    def request(self, method: str, path: str, query: Any) -> Any:
        """List pods or warnings."""
        assert method == "GET"
        self.requests.append(path)
        if path == "/api/v1/namespaces/kubeflow/pods":
            assert query["labelSelector"] == "app=x,kustomize.component=y"
            return {"items": list(self._pods)}
        assert path == "/api/v1/namespaces/kubeflow/events"
        assert query["fieldSelector"] == "type=Warning"
        return {
            "items": [
                {"involvedObject": {"name": name}, "lastTimestamp": time, "message": text}
                for name, time, text in self._events
            ]
        }


def deployment(name: str, **status: Any) -> Any:
    """Return a Deployment."""
    selector = {"matchLabels": {"kustomize.component": "y", "app": "x"}}
    metadata = {"namespace": "kubeflow", "name": name}
    return {"metadata": metadata, "spec": {"selector": selector}, "status": status}


def pod(*containers: Any, conditions: Any = (), init: Any = (), **status: Any) -> Any:
    """Return a pod with a claim and the states of its containers."""
    volumes = [{"name": "a", "emptyDir": {}}, {"persistentVolumeClaim": {"claimName": "claim"}}]
    phase = {"phase": "Pending", "containerStatuses": list(containers), **status}
    return {
        "metadata": {"namespace": "kubeflow", "name": "x-1"},
        "spec": {"volumes": volumes},
        "status": {**phase, "conditions": list(conditions), "initContainerStatuses": list(init)},
    }


def waiting(cause: str, text: str = "", image: str = "lab/a:1", **last: Any) -> Any:
    """Return a waiting container, and how it ended before."""
    state = {"waiting": {"reason": cause, "message": text}}
    container = {"name": "main", "image": image, "state": state}
    return {**container, "lastState": {"terminated": last}} if last else container


def unscheduled(message: str) -> Any:
    """Return a pod that the scheduler cannot place."""
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    return pod(conditions=[condition])


def reason_for(name: str, *pods: Any, **cluster: Any) -> str:
    """Diagnose one workload; return the text after its name."""
    api: Any = Cluster(name, pods, **cluster)
    (line,) = diagnose(api, [("Deployment", "kubeflow", name)])
    subject = f"Deployment kubeflow/{name}: "
    assert line.startswith(subject)
    return line[len(subject) :]


UNBOUND = "0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims."
UNPROJECTED = (
    'MountVolume.SetUp failed for volume "istio-token" : failed to fetch token: the server could'
    " not find the requested resource"
)
ISSUER = (
    'juju config kubernetes-master api-extra-args="service-account-issuer=kubernetes.default.svc'
    " service-account-signing-key-file=/root/cdk/serviceaccount.key"
    ' service-account-api-audiences=api,istio-ca" (append it to the current content of the option)'
)
HELPER = "wrong fs type, bad option, you might need a /sbin/mount.<type> helper program"


@pytest.mark.parametrize(
    ("workload_pod", "events", "reason"),
    [
        (unscheduled("0/1 nodes are available: 1 Insufficient cpu."), [],
         "pod x-1: not scheduled: 0/1 nodes are available: 1 Insufficient cpu.; add a worker, or"
         " exclude components (excluded-components)"),
        (pod(waiting("ImagePullBackOff", "Back-off pulling image", "gcr.io/arrikto/dex:1")), [],
         "pod x-1: container main: ImagePullBackOff of gcr.io/arrikto/dex:1: Back-off pulling"
         " image; upstream deleted this image: set image-registry to a mirror that has it, or"
         " image-overrides"),
        (pod(waiting("ErrImagePull", "not found", "docker.io/minio/minio:1")), [],
         "pod x-1: container main: ErrImagePull of docker.io/minio/minio:1: not found; upstream"
         " deleted this image: set image-registry to a mirror that has it, or image-overrides"),
        (pod(waiting("ErrImagePull", "toomanyrequests: limit", "busybox:1")), [],
         "pod x-1: container main: ErrImagePull of busybox:1: toomanyrequests: limit; the registry"
         " limits pulls: use a mirror (list-images) and set image-registry"),
        (pod(waiting("ErrImagePull", "i/o timeout")), [],
         "pod x-1: container main: ErrImagePull of lab/a:1: i/o timeout; if the nodes cannot reach"
         " the registry: set image-registry to a mirror"),
        (pod(waiting("CreateContainerConfigError", 'secret "dex" not found')), [],
         'pod x-1: container main: CreateContainerConfigError: secret "dex" not found'),
        (pod(waiting("ContainerCreating")), [("x-1", "2", UNPROJECTED), ("x-1", "1", "earlier")],
         f"pod x-1: {UNPROJECTED}; {ISSUER}"),
        (pod(waiting("ContainerCreating")), [("x-1", "1", f"MountVolume failed\n{HELPER}")],
         f"pod x-1: MountVolume failed {HELPER}; install nfs-common on every worker"),
        (pod(waiting("PodInitializing"), init=[waiting("CrashLoopBackOff", "", exitCode=1)]), [],
         "pod x-1: container main ended with 1 (Error), CrashLoopBackOff"),
        (pod(waiting("CrashLoopBackOff", exitCode=137, reason="OOMKilled")), [],
         "pod x-1: container main ended with 137 (OOMKilled), CrashLoopBackOff; the node"
         " has too little memory, or the container's limit is too low"),
        (pod({"name": "main", "state": {"running": {}}, "lastState": {"terminated":
              {"exitCode": 1}}}, phase="Running"), [("x-1", "1", "Readiness probe failed: 503")],
         "pod x-1: Readiness probe failed: 503"),
        (pod(phase="Failed", reason="Evicted", message="low on ephemeral-storage"), [],
         "pod x-1: Evicted low on ephemeral-storage"),
        (pod(phase="Running"), [("another", "1", "not of this pod")], "pod x-1: is Running"),
        (pod(), [], "pod x-1: is Pending"),
    ],
)  # fmt: skip
def test_reason_of_a_pod(workload_pod: Any, events: Any, reason: str) -> None:
    assert reason_for("minio", workload_pod, events=events) == reason


READY = [{"type": "Ready", "status": "True"}]


def test_ready_and_finished_pods_are_ignored() -> None:
    """Only the pod that is not ready is described."""
    done = pod(phase="Succeeded")
    broken = pod(waiting("ErrImageNeverPull"))
    assert "ErrImageNeverPull" in reason_for("minio", done, pod(conditions=READY), broken)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "claim kubeflow/claim is missing"),
        ({"claim": {"spec": {}, "status": {"phase": "Pending"}}},
         "claim kubeflow/claim has no StorageClass, because there was no default when it was"
         " created: make one the default, and delete the claim, which is then created again"),
        ({"claim": {"spec": {"storageClassName": "nfs"}}},
         "claim kubeflow/claim is not bound by StorageClass nfs: selfLink was empty"),
        ({"claim": {"spec": {"storageClassName": "nfs"}, "status": {"phase": "Bound"}}}, UNBOUND),
    ],
)  # fmt: skip
def test_unbound_claim_is_described_instead_of_the_pod(claims: Any, reason: str) -> None:
    events = [("claim", "1", "selfLink was empty"), ("claims", "2", "of another")]
    described = reason_for("minio", unscheduled(UNBOUND), claims=claims, events=events)
    assert described == f"pod x-1: {reason}"


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("katib-mysql", MYSQLD), ("katib-db", MYSQLD), ("metadata-db", MYSQLD), ("mysql", MYSQLD),
        ("authservice", NFS_MODE), ("minio", ""),
    ],
)  # fmt: skip
def test_crash_is_recognized_by_the_workloads_name(name: str, fix: str) -> None:
    """The cause is only in the log. A failure before the start has another cause."""
    reason = "pod x-1: container main ended with 1 (Error), CrashLoopBackOff"
    crashed = pod(waiting("CrashLoopBackOff", exitCode=1))
    assert reason_for(name, crashed) == reason + (f"; {fix}" if fix else "")
    not_started = reason_for(name, pod(waiting("CreateContainerError", "lab")))
    assert not fix or fix not in not_started


def test_end_of_a_log_is_not_shown() -> None:
    """A container's last message may be from its log: it identifies the failure, no more."""
    message = "password=hunter2 mkdir: cannot create directory '/var/lib/mysql': Permission denied"
    reason = reason_for("db", pod(waiting("CrashLoopBackOff", exitCode=1, message=message)))
    expected = f"pod x-1: container main ended with 1 (Error), CrashLoopBackOff; {NFS_ROOT}"
    assert reason == expected


WEBHOOK = (
    'Error creating: Internal error occurred: failed calling webhook "sidecar-injector.istio.io":'
    " connection refused"
)
WEBHOOK_FIX = (
    "this clears when the webhook's pod is ready; otherwise the API server's machine cannot reach"
    " pods"
)


def test_workload_without_pods() -> None:
    """The reason is in the Deployment's condition, or in the events of its ReplicaSet."""
    conditions = [
        {"type": "Available", "status": "False", "message": "not shown"},
        {"type": "ReplicaFailure", "status": "True", "message": WEBHOOK},
    ]
    api: Any = Cluster(deployment("minio", conditions=conditions))
    assert diagnose(api, [("Deployment", "kubeflow", "minio")]) == [
        f"Deployment kubeflow/minio: {WEBHOOK}; {WEBHOOK_FIX}"
    ]
    by_event = reason_for("minio", events=[("minio-7f", "1", WEBHOOK)])
    assert by_event == f"{WEBHOOK}; {WEBHOOK_FIX}"
    assert reason_for("minio", events=[("minion", "1", WEBHOOK)]) == "has no pod yet"


def test_long_message_is_shortened_after_it_was_recognized() -> None:
    reason = reason_for("minio", events=[("minio", "1", "x" * 300 + " too many open files")])
    text, _, fix = reason.partition("; ")
    assert text == "x" * 197 + "..."
    assert fix.startswith("on every worker: sysctl -w fs.inotify")


def test_number_of_requests_is_limited() -> None:
    """Two for each workload and one for each namespace; the other workloads are counted."""
    api: Any = Cluster("w0", [pod(waiting("ContainerCreating"))])
    names = [("Deployment", "kubeflow", f"w{number}") for number in range(9)]

    lines = diagnose(api, names, most=3)

    assert len(lines) == 4
    assert lines[1:] == [
        "Deployment kubeflow/w1 is missing", "Deployment kubeflow/w2 is missing",
        "6 more are not ready",
    ]  # fmt: skip
    assert len(api.requests) == 5
    assert diagnose(api, []) == []


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("API server does not have TokenRequest endpoints enabled", ISSUER),
        ("ERROR 1045: Access denied for user 'root'@'10.1.1.1'", NFS_ROOT),
        (
            "Error opening bolt store: open /var/lib/authservice/data.db: permission denied",
            NFS_MODE,
        ),
        ("mount.nfs: not found", "install nfs-common on every worker"),
        ('securityContext.privileged: Forbidden: disallowed by cluster policy',
         "juju config kubernetes-master allow-privileged=true"),
        ('pods "a" is forbidden: violates PodSecurity "baseline:latest"',
         "label the namespace pod-security.kubernetes.io/enforce=privileged"),
        ("some other failure", ""),
    ],
)  # fmt: skip
def test_fix_of_a_known_failure(message: str, fix: str) -> None:
    assert fix_for_message(message, SERVER) == fix


def test_fix_names_the_control_plane_of_the_servers_version() -> None:
    message = "disallowed by cluster policy"
    command = "juju config kubernetes-control-plane allow-privileged=true"
    assert fix_for_message(message, (1, 24)) == command
    assert "{" not in json.dumps(fix_for_message("failed to fetch token", (1, 30)))
