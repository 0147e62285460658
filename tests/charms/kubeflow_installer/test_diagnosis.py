"""Why workloads are not ready, by states and events as kubelet and scheduler write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubeflow_installer.reconcile.diagnosis import diagnose
from kubeflow_installer.reconcile.known_failures import mend

MASTER = (1, 13)
NFS = (
    "on NFS its folder must be root's to write and empty: export it with no_root_squash, mount it"
    " with sec=sys, and clear what an earlier try left"
)
MYSQLD = (
    "; and no AppArmor profile of the node may hold mysqld: apparmor_parser -R"
    " /etc/apparmor.d/usr.sbin.mysqld"
)
MODE = "fsGroup has no effect on NFS: the claim's folder needs the mode 0777"


class Cluster:
    """An API with one workload, its pods, claims and events.

    Args:
        workload: The workload's name, or the workload.
        pods: Its pods.
        events: Warnings: the object's name, when, and what.
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
        return MASTER

    def get(self, sought: Any) -> Any:
        """Return the workload, or a claim."""
        name = sought["metadata"]["name"]
        self.requests.append(f"{sought['kind']} {name}")
        if sought["kind"] == "PersistentVolumeClaim":
            return self._claims.get(name)
        found = self._workload["metadata"]["name"] == name
        return self._workload if found else None

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
                {"involvedObject": {"name": name}, "lastTimestamp": when, "message": text}
                for name, when, text in self._events
            ]
        }


def deployment(name: str, **status: Any) -> Any:
    """Return a Deployment."""
    selector = {"matchLabels": {"kustomize.component": "y", "app": "x"}}
    metadata = {"namespace": "kubeflow", "name": name}
    return {"metadata": metadata, "spec": {"selector": selector}, "status": status}


def pod(*containers: Any, conditions: Any = (), init: Any = (), **status: Any) -> Any:
    """Return a pod with the states of its containers, and a claim."""
    volumes = [{"name": "a", "emptyDir": {}}, {"persistentVolumeClaim": {"claimName": "claim"}}]
    phase = {"phase": "Pending", "containerStatuses": list(containers), **status}
    return {
        "metadata": {"namespace": "kubeflow", "name": "x-1"},
        "spec": {"volumes": volumes},
        "status": {**phase, "conditions": list(conditions), "initContainerStatuses": list(init)},
    }


def waiting(cause: str, words: str = "", image: str = "lab/a:1", **last: Any) -> Any:
    """Return a container that waits."""
    state = {"waiting": {"reason": cause, "message": words}}
    found = {"name": "main", "image": image, "state": state}
    return {**found, "lastState": {"terminated": last}} if last else found


def unscheduled(message: str) -> Any:
    """Return a pod that no node takes."""
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    return pod(conditions=[condition])


def why(name: str = "minio", *pods: Any, **cluster: Any) -> str:
    """Diagnose one workload."""
    api: Any = Cluster(name, pods, **cluster)
    (told,) = diagnose(api, [("Deployment", "kubeflow", name)])
    begin = f"Deployment kubeflow/{name}: "
    assert told.startswith(begin)
    return told[len(begin) :]


UNBOUND = "0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims."
UNPROJECTED = (
    'MountVolume.SetUp failed for volume "istio-token" : failed to fetch token: the server could'
    " not find the requested resource"
)
ISSUER = (
    'juju config kubernetes-master api-extra-args="service-account-issuer=kubernetes.default.svc'
    " service-account-signing-key-file=/root/cdk/serviceaccount.key"
    ' service-account-api-audiences=api,istio-ca" (after what the option holds already)'
)
HELPER = "wrong fs type, bad option, you might need a /sbin/mount.<type> helper program"


@pytest.mark.parametrize(
    ("found", "events", "told"),
    [
        (unscheduled("0/1 nodes are available: 1 Insufficient cpu."), [],
         "pod x-1: not scheduled: 0/1 nodes are available: 1 Insufficient cpu.; add a worker, or"
         " leave out components (excluded-components)"),
        (pod(waiting("ImagePullBackOff", "Back-off pulling image", "gcr.io/arrikto/dex:1")), [],
         "pod x-1: container main: ImagePullBackOff of gcr.io/arrikto/dex:1: Back-off pulling"
         " image; upstream serves it no longer: put it into a mirror (list-images) and set"
         " image-registry"),
        (pod(waiting("ErrImagePull", "toomanyrequests: limit", "busybox:1")), [],
         "pod x-1: container main: ErrImagePull of busybox:1: toomanyrequests: limit; the registry"
         " limits pulls: use a mirror (list-images) and set image-registry"),
        (pod(waiting("ErrImagePull", "i/o timeout")), [],
         "pod x-1: container main: ErrImagePull of lab/a:1: i/o timeout; where the nodes have no"
         " way out: set image-registry"),
        (pod(waiting("CreateContainerConfigError", 'secret "dex" not found')), [],
         'pod x-1: container main: CreateContainerConfigError: secret "dex" not found'),
        (pod(waiting("ContainerCreating")), [("x-1", "2", UNPROJECTED), ("x-1", "1", "earlier")],
         f"pod x-1: {UNPROJECTED}; {ISSUER}"),
        (pod(waiting("ContainerCreating")), [("x-1", "1", f"MountVolume failed\n{HELPER}")],
         f"pod x-1: MountVolume failed {HELPER}; install nfs-common on every worker"),
        (pod(waiting("PodInitializing"), init=[waiting("CrashLoopBackOff", "", exitCode=1)]), [],
         "pod x-1: container main ended with 1 (Error), CrashLoopBackOff"),
        (pod(waiting("CrashLoopBackOff", exitCode=137, reason="OOMKilled")), [],
         "pod x-1: container main ended with 137 (OOMKilled), CrashLoopBackOff; its node or its"
         " limit has too little memory"),
        (pod({"name": "main", "state": {"running": {}}, "lastState": {"terminated":
              {"exitCode": 1}}}, phase="Running"), [("x-1", "1", "Readiness probe failed: 503")],
         "pod x-1: Readiness probe failed: 503"),
        (pod(phase="Failed", reason="Evicted", message="low on ephemeral-storage"), [],
         "pod x-1: Evicted low on ephemeral-storage"),
        (pod(phase="Running"), [("another", "1", "not of this pod")], "pod x-1: is Running"),
        (pod(), [], "pod x-1: is Pending"),
    ],
)  # fmt: skip
def test_what_a_pod_says(found: Any, events: Any, told: str) -> None:
    assert why("minio", found, events=events) == told


READY = [{"type": "Ready", "status": "True"}]


def test_the_pod_that_is_not_ready_is_told() -> None:
    """Those that are, or have done their work, are passed over."""
    done = pod(phase="Succeeded")
    broken = pod(waiting("ErrImageNeverPull"))
    assert "ErrImageNeverPull" in why("minio", done, pod(conditions=READY), broken)


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ({}, "claim kubeflow/claim is missing"),
        ({"claim": {"spec": {}, "status": {"phase": "Pending"}}},
         "claim kubeflow/claim has no StorageClass, as there was no default when it was made: make"
         " one the default and delete the claim, which is then made anew"),
        ({"claim": {"spec": {"storageClassName": "nfs"}}},
         "claim kubeflow/claim is not bound by StorageClass nfs: selfLink was empty"),
        ({"claim": {"spec": {"storageClassName": "nfs"}, "status": {"phase": "Bound"}}}, UNBOUND),
    ],
)  # fmt: skip
def test_a_claim_that_is_not_bound(claim: Any, told: str) -> None:
    """The claim is told, and not the scheduler's words about it."""
    events = [("claim", "1", "selfLink was empty"), ("claims", "2", "of another")]
    found = why("minio", unscheduled(UNBOUND), claims=claim, events=events)
    assert found == f"pod x-1: {told}"


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("katib-mysql", NFS + MYSQLD), ("katib-db", NFS + MYSQLD), ("metadata-db", NFS + MYSQLD),
        ("mysql", NFS + MYSQLD), ("authservice", MODE), ("minio", ""),
    ],
)  # fmt: skip
def test_known_by_name_when_a_container_ends(name: str, mended: str) -> None:
    """Where its own words are in the log alone; not for what fails before it starts."""
    told = "pod x-1: container main ended with 1 (Error), CrashLoopBackOff"
    crashed = pod(waiting("CrashLoopBackOff", exitCode=1))
    assert why(name, crashed) == told + (f"; {mended}" if mended else "")
    assert mended not in why(name, pod(waiting("CreateContainerError", "lab"))) or not mended


def test_the_end_of_a_log_is_not_repeated() -> None:
    """A container's last message may be from its log: it tells the failure, and no secret."""
    words = "password=hunter2 mkdir: cannot create directory '/var/lib/mysql': Permission denied"
    told = why("db", pod(waiting("CrashLoopBackOff", exitCode=1, message=words)))
    assert told == f"pod x-1: container main ended with 1 (Error), CrashLoopBackOff; {NFS}"


WEBHOOK = (
    'Error creating: Internal error occurred: failed calling webhook "sidecar-injector.istio.io":'
    " connection refused"
)
PASSES = "it passes when the webhook's pod is ready; else the API server's machine must reach pods"


def test_no_pod_at_all() -> None:
    """As the Deployment's condition says, or the events of what makes its pods."""
    conditions = [
        {"type": "Available", "status": "False", "message": "not told"},
        {"type": "ReplicaFailure", "status": "True", "message": WEBHOOK},
    ]
    api: Any = Cluster(deployment("minio", conditions=conditions))
    assert diagnose(api, [("Deployment", "kubeflow", "minio")]) == [
        f"Deployment kubeflow/minio: {WEBHOOK}; {PASSES}"
    ]
    assert why("minio", events=[("minio-7f", "1", WEBHOOK)]) == f"{WEBHOOK}; {PASSES}"
    assert why("minio", events=[("minion", "1", WEBHOOK)]) == "has no pod yet"


def test_long_words_are_cut_after_they_were_looked_at() -> None:
    told = why("minio", events=[("minio", "1", "x" * 300 + " too many open files")])
    text, _, mended = told.partition("; ")
    assert text == "x" * 197 + "..."
    assert mended.startswith("on every worker: sysctl -w fs.inotify")


def test_requests_are_bounded() -> None:
    """Two a workload and one a namespace; what is not looked at is counted."""
    api: Any = Cluster("w0", [pod(waiting("ContainerCreating"))])
    names = [("Deployment", "kubeflow", f"w{number}") for number in range(9)]

    told = diagnose(api, names, most=3)

    assert len(told) == 4
    assert told[1:] == [
        "Deployment kubeflow/w1 is missing", "Deployment kubeflow/w2 is missing",
        "6 more are not ready",
    ]  # fmt: skip
    assert len(api.requests) == 5
    assert diagnose(api, []) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("API server does not have TokenRequest endpoints enabled", ISSUER),
        ("ERROR 1045: Access denied for user 'root'@'10.1.1.1'", NFS),
        ("Error opening bolt store: open /var/lib/authservice/data.db: permission denied", MODE),
        ("mount.nfs: not found", "install nfs-common on every worker"),
        ('securityContext.privileged: Forbidden: disallowed by cluster policy',
         "juju config kubernetes-master allow-privileged=true"),
        ('pods "a" is forbidden: violates PodSecurity "baseline:latest"',
         "label the namespace pod-security.kubernetes.io/enforce=privileged"),
        ("some other failure", ""),
    ],
)  # fmt: skip
def test_known_failures(words: str, told: str) -> None:
    assert mend(words, MASTER) == told


def test_mends_name_the_control_plane_of_the_servers_age() -> None:
    words = "disallowed by cluster policy"
    assert mend(words, (1, 24)) == "juju config kubernetes-control-plane allow-privileged=true"
    assert "{" not in json.dumps([mend(word, (1, 30)) for word in ("failed to fetch token",)])
