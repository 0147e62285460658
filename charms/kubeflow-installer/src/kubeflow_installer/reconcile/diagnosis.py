"""Diagnoses why workloads are not ready, and adds the fix if the failure is a known one.

It reads conditions, states and events. It reads no logs, because they may contain secrets. A
container's last message may be the end of its log, so it is only compared with known failures and
never shown.
"""

from typing import Dict, Iterable, List, NamedTuple, Tuple

from kubeflow_installer.reconcile import known_failures
from labcharm.json_types import JsonObject
from labcharm.text import clip
from labkube.client.api import Api
from labkube.inspect.events import list_events, messages_about
from labkube.inspect.readiness import condition, has_condition, is_ready, phase_of

Workload = Tuple[str, str, str]  # kind, namespace, name

_VERSIONS = {"Job": "batch/v1", "Pod": "v1"}
_LONGEST_MESSAGE = 200
# Reasons of a waiting container that do not show a failure; an event may show one.
_STARTING = ("ContainerCreating", "PodInitializing", "")


class Reason(NamedTuple):
    """Why a workload is not ready.

    Attributes:
        message: What is shown; empty if the reason is unknown.
        log_excerpt: What is only compared with known failures.
        has_crashed: Whether a container ended with an error.
    """

    message: str = ""
    log_excerpt: str = ""
    has_crashed: bool = False


_UNKNOWN = Reason()


def diagnose(api: Api, workloads: Iterable[Workload], most: int = 5) -> List[str]:
    """Describe why workloads are not ready.

    Args:
        api: The cluster.
        workloads: The workloads that are not ready, the most interesting ones first.
        most: How many are diagnosed; each costs two requests, and its namespace one.

    Returns:
        One line for each diagnosed workload, and one for the number of the others.

    Raises:
        ApiError: When the API does not answer.
    """
    waiting = list(workloads)
    diagnosis = _Diagnosis(api)
    lines = [diagnosis.describe(*workload) for workload in waiting[:most]]
    more = len(waiting) - most
    return lines + ([f"{more} more are not ready"] if more > 0 else [])


class _Diagnosis:
    """Reads what is needed from the cluster, the events of each namespace only once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._warnings: Dict[str, List[JsonObject]] = {}

    def describe(self, kind: str, namespace: str, name: str) -> str:
        metadata = {"namespace": namespace, "name": name}
        reference = {
            "apiVersion": _VERSIONS.get(kind, "apps/v1"), "kind": kind, "metadata": metadata,
        }  # fmt: skip
        subject = f"{kind} {namespace}/{name}"
        live = self._api.get(reference)
        if live is None:
            return f"{subject} is missing"
        reason = self._pod_reason(live)
        message = reason.message or self._reason_without_pods(live)
        fix = known_failures.fix_for_message(
            f"{message} {reason.log_excerpt}", self._api.version()
        )
        if reason.has_crashed and not fix:
            fix = known_failures.fix_for_crash(name)
        return f"{subject}: {_shorten(message)}" + (f"; {fix}" if fix else "")

    # Pods.

    def _pod_reason(self, workload: JsonObject) -> Reason:
        """Return the first reason that a pod of a workload gives."""
        for pod in self._pods(workload):
            for reason in (
                self._unscheduled(pod),
                *(_container_reason(status) for status in _container_statuses(pod)),
                self._not_started(pod),
            ):
                if reason.message:
                    message = f"pod {pod['metadata']['name']}: {reason.message}"
                    return reason._replace(message=message)
        return _UNKNOWN

    def _pods(self, workload: JsonObject) -> List[JsonObject]:
        labels = (workload["spec"].get("selector") or {}).get("matchLabels") or {}
        if not labels:
            return []
        path = f"/api/v1/namespaces/{workload['metadata']['namespace']}/pods"
        selector = ",".join(f"{key}={label}" for key, label in sorted(labels.items()))
        query = {"labelSelector": selector, "limit": "50"}
        return list(self._api.request("GET", path, query=query).get("items", []))

    def _unscheduled(self, pod: JsonObject) -> Reason:
        if not has_condition(pod, "PodScheduled", "False"):
            return _UNKNOWN
        message = str(condition(pod, "PodScheduled").get("message", ""))
        if "persistentvolumeclaim" in message.lower():
            return Reason(self._claims_reason(pod) or message)
        return Reason(f"not scheduled: {message}")

    def _claims_reason(self, pod: JsonObject) -> str:
        """Describe why a claim of a pod is not bound."""
        namespace = pod["metadata"]["namespace"]
        for volume in pod["spec"].get("volumes") or []:
            name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            reason = self._claim_reason(namespace, name) if name else ""
            if reason:
                return reason
        return ""

    def _claim_reason(self, namespace: str, name: str) -> str:
        metadata = {"namespace": namespace, "name": name}
        reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
        claim = self._api.get(reference)
        subject = f"claim {namespace}/{name}"
        if claim is None:
            return f"{subject} is missing"
        if phase_of(claim) == "Bound":
            return ""
        storage_class = claim["spec"].get("storageClassName")
        if not storage_class:
            return (
                f"{subject} has no StorageClass, because there was no default when it was created:"
                " make one the default, and delete the claim, which is then created again"
            )
        event = self._latest_warning(namespace, name)
        cause = f": {event}" if event else ""
        return f"{subject} is not bound by StorageClass {storage_class}{cause}"

    def _not_started(self, pod: JsonObject) -> Reason:
        """Return the latest warning about a pod that does not run or is not ready."""
        status = pod.get("status") or {}
        if is_ready(pod) or phase_of(pod) == "Succeeded":
            return _UNKNOWN
        metadata = pod["metadata"]
        event = self._latest_warning(metadata["namespace"], metadata["name"])
        end = " ".join(str(status.get(key, "")) for key in ("reason", "message")).strip()
        return Reason(end or event or f"is {phase_of(pod, 'not started')}")

    # Without a pod.

    def _reason_without_pods(self, workload: JsonObject) -> str:
        """Describe why there is no pod, by the conditions or the events of its controllers."""
        if has_condition(workload, "ReplicaFailure"):
            return str(condition(workload, "ReplicaFailure").get("message", ""))
        metadata = workload["metadata"]
        name = metadata["name"]
        event = self._latest_warning(metadata["namespace"], name, prefix=f"{name}-")
        return event or "has no pod yet"

    def _latest_warning(self, namespace: str, name: str, prefix: str = "") -> str:
        """Return the latest warning about an object, or about objects with a name prefix."""
        if namespace not in self._warnings:
            self._warnings[namespace] = list_events(self._api, namespace, "type=Warning", 500)
        messages = messages_about(self._warnings[namespace], [name], prefix)
        return messages[-1] if messages else ""


def _container_statuses(pod: JsonObject) -> List[JsonObject]:
    status = pod.get("status") or {}
    return [
        container
        for key in ("initContainerStatuses", "containerStatuses")
        for container in status.get(key) or []
    ]


def _container_reason(status: JsonObject) -> Reason:
    """Return why a container does not run; nothing while it starts."""
    waiting = (status.get("state") or {}).get("waiting") or {}
    termination = _failed_termination(status)
    reason = str(waiting.get("reason", ""))
    if termination:
        cause = str(termination.get("reason") or "Error")
        code = termination.get("exitCode")
        message = f"container {status['name']} ended with {code} ({cause})"
        if reason:
            message += f", {reason}"
        return Reason(message, str(termination.get("message", "")), has_crashed=True)
    if reason in _STARTING:
        return _UNKNOWN
    image = f" of {status.get('image')}" if "Image" in reason else ""
    return Reason(f"container {status['name']}: {reason}{image}: {waiting.get('message', '')}")


def _failed_termination(status: JsonObject) -> JsonObject:
    """Return how a container that does not run has failed; empty if it runs or did not fail."""
    state = status.get("state") or {}
    if "running" in state:
        return {}
    last = state.get("terminated") or (status.get("lastState") or {}).get("terminated") or {}
    return dict(last) if last.get("exitCode") else {}


def _shorten(text: str) -> str:
    return clip(" ".join(text.split()), _LONGEST_MESSAGE)
