"""The check `notebook` of `verify`: whether a notebook runs, with a GPU if the site has some."""

import time
from typing import Callable, NamedTuple, Tuple

from kubeflow_installer.transform.notebooks import Toleration, pod_toleration
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labcharm.verify import Check
from labkube.client.api import Api, ApiError, UnknownKindError
from labkube.inspect.events import latest_message
from labkube.inspect.readiness import condition, has_condition, is_ready
from labkube.inspect.trials import delete_trial

_NO_EVENT = "there is no event about it"
_NAME_PREFIX = "kubeflow-verify-"
# 0.6.2 has only v1alpha1 (manifests, jupyter/notebook-controller and profiles: crd.yaml).
_VERSIONS = ("kubeflow.org/v1", "kubeflow.org/v1beta1", "kubeflow.org/v1alpha1")
# The states of a container that does not run.
_STOPPED_STATES = ("waiting", "terminated")


class Trial(NamedTuple):
    """The notebook to try.

    Attributes:
        image: Its image.
        gpu: The GPU's resource name; empty for a notebook without a GPU.
        tolerations: Tolerations of the taints that users may let a notebook tolerate, because
            nodes with GPUs may have these taints.
        timeout: The time limit in seconds.
    """

    image: str
    gpu: str
    tolerations: Tuple[Toleration, ...]
    timeout: float


def profile_of(api: Api, user: str) -> str:
    """Return the name of a user's profile, which is its namespace's too; empty without one.

    Raises:
        ApiError: When the cluster does not answer.
    """
    for version in _VERSIONS:
        try:
            profiles = api.list(version, "Profile")
        except UnknownKindError:
            continue
        for profile in profiles:
            if (profile.get("spec") or {}).get("owner", {}).get("name") == user:
                return str(profile["metadata"]["name"])
        return ""
    return ""


class Notebook:
    """A notebook that is created for the check and deleted afterwards.

    Args:
        api: The cluster.
        trial: The notebook to try.
        sleep: Waits; passed in by tests.
    """

    def __init__(
        self, api: Api, trial: Trial, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._api, self._trial, self._sleep = api, trial, sleep

    def check(self, user: str) -> Check:
        """Start the notebook in a user's namespace, and wait until its pod is ready.

        Raises:
            ApiError: When the cluster does not answer, or the notebook cannot be deleted.
        """
        namespace = profile_of(self._api, user)
        if not namespace:
            return Check("notebook", False, f"the user {user} has no profile yet")
        try:
            notebook = self._create(namespace)
        except UnknownKindError:
            return Check("notebook", False, "the cluster does not have the kind Notebook")
        except ApiError as error:
            return Check("notebook", False, f"the server refuses the notebook: {error}")
        try:
            return self._await_pod(notebook)
        finally:
            delete_trial(self._api, notebook, self._sleep)
            self._wait_until(lambda: self._api.get(_pod_reference(notebook)) is None)

    def _create(self, namespace: str) -> JsonObject:
        container: JsonObject = {"name": "notebook", "image": self._trial.image}
        if self._trial.gpu:
            container["resources"] = {"limits": {self._trial.gpu: "1"}}
        pod: JsonObject = {"containers": [container]}
        if self._trial.tolerations:
            pod["tolerations"] = [
                pod_toleration(toleration) for toleration in self._trial.tolerations
            ]
        version = self._served_version()
        body = {
            "apiVersion": version,
            "kind": "Notebook",
            "metadata": {"generateName": _NAME_PREFIX, "namespace": namespace},
            "spec": {"template": {"spec": pod}},
        }
        return dict(self._api.create(body), apiVersion=version, kind="Notebook")

    def _served_version(self) -> str:
        for version in _VERSIONS:
            try:
                self._api.kind(version, "Notebook")
            except UnknownKindError:
                continue
            return version
        raise UnknownKindError("Notebook")

    def _await_pod(self, notebook: JsonObject) -> Check:
        pod = _pod_reference(notebook)
        subject = f"a notebook with one {self._trial.gpu}"
        subject = subject if self._trial.gpu else "a notebook without a GPU"
        if self._wait_until(lambda: is_ready(self._api.get(pod))):
            return Check("notebook", True, f"{subject} ran")
        live = self._api.get(pod)
        reason = _reason(live) if live else ""
        reason = reason or latest_message(self._api, pod if live else notebook, _NO_EVENT)
        seconds = int(self._trial.timeout)
        return Check("notebook", False, f"{subject} does not run after {seconds} s: {reason}")

    def _wait_until(self, is_done: Callable[[], bool]) -> bool:
        return wait_until(is_done, self._trial.timeout, 1, self._sleep)


def _pod_reference(notebook: JsonObject) -> JsonObject:
    """Return a reference to the first pod of the StatefulSet with the notebook's name."""
    metadata = notebook["metadata"]
    pod = {"name": f"{metadata['name']}-0", "namespace": metadata["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": pod}


def _reason(pod: JsonObject) -> str:
    """Return why a container of a pod does not run, or why the pod is not scheduled."""
    status = pod.get("status") or {}
    for container in status.get("containerStatuses") or []:
        for state in _STOPPED_STATES:
            details = (container.get("state") or {}).get(state)
            if details:
                return ": ".join(
                    str(details[key]) for key in ("reason", "message") if details.get(key)
                )
    if has_condition(pod, "PodScheduled", "False"):
        return str(condition(pod, "PodScheduled").get("message", ""))
    return ""
