"""Why workloads are not ready, with the mend where the failure is a known one.

Conditions, states and events are read, and no logs: they may hold secrets. A container's last
message may be the end of its log, so it is looked at for known failures and never repeated.
"""

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

from kubeflow_installer.reconcile import known_failures
from labkube.client.api import Api, Object

Workload = Tuple[str, str, str]  # kind, namespace, name
# What is said of it, and what else may tell a known failure and is not repeated.
Reason = NamedTuple("Reason", [("told", str), ("unsaid", str)])

_VERSIONS = {"Job": "batch/v1", "Pod": "v1"}
_LONGEST = 200
# What a container waits with while nothing is wrong yet; an event says more where something is.
_STARTING = ("ContainerCreating", "PodInitializing", "")
_NOTHING = Reason("", "")


def diagnose(api: Api, workloads: Iterable[Workload], most: int = 5) -> List[str]:
    """Say why workloads are not ready.

    Args:
        api: The cluster.
        workloads: Those that are not, the most telling first.
        most: How many are looked at; each costs two requests, and its namespace one.

    Returns:
        One line for each that is looked at, and one for how many are not.

    Raises:
        ApiError: When the API does not answer.
    """
    waiting = list(workloads)
    look = _Look(api)
    told = [look.why(*workload) for workload in waiting[:most]]
    more = len(waiting) - most
    return told + (["%d more are not ready" % more] if more > 0 else [])


class _Look:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._events: Dict[str, List[Object]] = {}

    def why(self, kind: str, namespace: str, name: str) -> str:
        metadata = {"namespace": namespace, "name": name}
        sought = {
            "apiVersion": _VERSIONS.get(kind, "apps/v1"), "kind": kind, "metadata": metadata,
        }  # fmt: skip
        who = "%s %s/%s" % (kind, namespace, name)
        live = self._api.get(sought)
        if live is None:
            return "%s is missing" % who
        reason, crashed = self._of_pods(live)
        told = reason.told or self._without_pods(live)
        mend = known_failures.mend(told + " " + reason.unsaid, self._api.version())
        if crashed and not mend:
            mend = known_failures.mend_of_crash(name)
        return "%s: %s%s" % (who, _short(told), "; " + mend if mend else "")

    # Pods.

    def _of_pods(self, workload: Object) -> Tuple[Reason, bool]:
        """Return the first reason that a pod gives, and whether its container ended."""
        for pod in self._pods(workload):
            for reason, crashed in (
                (self._unscheduled(pod), False),
                *((_of_container(one), _has_ended(one)) for one in _containers(pod)),
                (self._starting(pod), False),
            ):
                if reason.told:
                    told = "pod %s: %s" % (pod["metadata"]["name"], reason.told)
                    return reason._replace(told=told), crashed
        return _NOTHING, False

    def _pods(self, workload: Object) -> List[Object]:
        labels = (workload["spec"].get("selector") or {}).get("matchLabels") or {}
        if not labels:
            return []
        path = "/api/v1/namespaces/%s/pods" % workload["metadata"]["namespace"]
        selector = ",".join("%s=%s" % pair for pair in sorted(labels.items()))
        query = {"labelSelector": selector, "limit": "50"}
        return list(self._api.request("GET", path, query=query).get("items", []))

    def _unscheduled(self, pod: Object) -> Reason:
        for one in (pod.get("status") or {}).get("conditions") or []:
            if one.get("type") == "PodScheduled" and one.get("status") == "False":
                message = str(one.get("message", ""))
                if "PersistentVolumeClaim" in message or "persistentvolumeclaim" in message:
                    return Reason(self._claims(pod) or message, "")
                return Reason("not scheduled: %s" % message, "")
        return _NOTHING

    def _claims(self, pod: Object) -> str:
        """Say why claims of a pod are not bound."""
        namespace = pod["metadata"]["namespace"]
        for volume in pod["spec"].get("volumes") or []:
            name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            told = self._claim(namespace, name) if name else ""
            if told:
                return told
        return ""

    def _claim(self, namespace: str, name: str) -> str:
        metadata = {"namespace": namespace, "name": name}
        sought = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
        claim = self._api.get(sought)
        who = "claim %s/%s" % (namespace, name)
        if claim is None:
            return "%s is missing" % who
        if (claim.get("status") or {}).get("phase") == "Bound":
            return ""
        storage = claim["spec"].get("storageClassName")
        if not storage:
            return (
                "%s has no StorageClass, as there was no default when it was made: make one the"
                " default and delete the claim, which is then made anew" % who
            )
        words = self._last_words(namespace, [name])
        return "%s is not bound by StorageClass %s%s" % (
            who,
            storage,
            ": " + words if words else "",
        )

    def _starting(self, pod: Object) -> Reason:
        """Return what the latest warning about a pod says, which does not run or is not ready."""
        status = pod.get("status") or {}
        if _is_ready(status) or status.get("phase") == "Succeeded":
            return _NOTHING
        metadata = pod["metadata"]
        words = self._last_words(metadata["namespace"], [metadata["name"]])
        ended = " ".join(str(status.get(key, "")) for key in ("reason", "message")).strip()
        return Reason(ended or words or "is %s" % status.get("phase", "not started"), "")

    # Without a pod.

    def _without_pods(self, workload: Object) -> str:
        """Say why there is no pod, as the workload tells, or what makes its pods."""
        for one in (workload.get("status") or {}).get("conditions") or []:
            if one.get("type") == "ReplicaFailure" and one.get("status") == "True":
                return str(one.get("message", ""))
        metadata = workload["metadata"]
        words = self._last_words(metadata["namespace"], [metadata["name"]], metadata["name"] + "-")
        return words or "has no pod yet"

    def _last_words(self, namespace: str, names: Iterable[str], prefix: str = "") -> str:
        """Return the latest warning about objects of these names, or that begin so."""
        known = set(names)
        words = ""
        for event in self._warnings(namespace):
            name = str(event.get("involvedObject", {}).get("name", ""))
            if name in known or (prefix and name.startswith(prefix)):
                words = str(event.get("message", ""))
        return " ".join(words.split())

    def _warnings(self, namespace: str) -> List[Object]:
        if namespace not in self._events:
            path = "/api/v1/namespaces/%s/events" % namespace
            query = {"fieldSelector": "type=Warning", "limit": "500"}
            found = self._api.request("GET", path, query=query).get("items", [])
            self._events[namespace] = sorted(found, key=_when)
        return self._events[namespace]


def _containers(pod: Object) -> List[Object]:
    status = pod.get("status") or {}
    return [
        one
        for key in ("initContainerStatuses", "containerStatuses")
        for one in status.get(key) or []
    ]


def _of_container(status: Object) -> Reason:
    """Return why a container does not run; nothing while it starts."""
    waiting = (status.get("state") or {}).get("waiting") or {}
    ended = _end(status)
    reason = str(waiting.get("reason", ""))
    if ended:
        why = str(ended.get("reason") or "Error")
        told = "container %s ended with %s (%s)" % (status["name"], ended.get("exitCode"), why)
        return Reason("%s, %s" % (told, reason) if reason else told, str(ended.get("message", "")))
    if reason in _STARTING:
        return _NOTHING
    image = " of %s" % status.get("image") if "Image" in reason else ""
    told = "container %s: %s%s: %s" % (status["name"], reason, image, waiting.get("message", ""))
    return Reason(told, "")


def _end(status: Object) -> Dict[str, Any]:
    """Return how a container ended that does not run again and did not end well."""
    state = status.get("state") or {}
    if "running" in state:
        return {}
    last = state.get("terminated") or (status.get("lastState") or {}).get("terminated") or {}
    return dict(last) if last.get("exitCode") else {}


def _has_ended(status: Object) -> bool:
    return bool(_end(status))


def _is_ready(status: Object) -> bool:
    conditions = status.get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _when(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 3] + "..."
