"""What the action `verify` tries: whether a notebook runs, with a GPU where there are some."""

import time
from typing import Callable, NamedTuple, Tuple

from kubeflow_installer.transform.notebooks import Toleration, as_pods_have_it
from labcharm.verify import Check
from labkube.client.api import Api, ApiError, Object, UnknownKindError
from labkube.inspect.trials import last_words, take_away

_SILENT = "nobody said anything of it"
_NAME = "kubeflow-verify-"
# 0.6.2 has v1alpha1 alone (manifests, jupyter/notebook-controller and profiles: crd.yaml).
_VERSIONS = ("kubeflow.org/v1", "kubeflow.org/v1beta1", "kubeflow.org/v1alpha1")
# What a pod says, of who waits for what; the rest follows from these.
_WAITS = ("waiting", "terminated")
Trial = NamedTuple(
    "Trial",
    [
        ("image", str),
        # The GPU's resource; empty for none.
        ("gpu", str),
        # Of the taints that users may let a notebook tolerate: nodes with GPUs may have them.
        ("tolerations", Tuple[Toleration, ...]),
        # Seconds to wait.
        ("timeout", float),
    ],
)


def profile_of(api: Api, user: str) -> str:
    """Return the name of a user's profile, which is its namespace's too; empty without one.

    Raises:
        ApiError: When the cluster does not answer.
    """
    for version in _VERSIONS:
        try:
            found = api.list(version, "Profile")
        except UnknownKindError:
            continue
        for one in found:
            if (one.get("spec") or {}).get("owner", {}).get("name") == user:
                return str(one["metadata"]["name"])
        return ""
    return ""


class Notebook:
    """A notebook with a GPU, made for the trial and taken away again.

    Args:
        api: The cluster.
        trial: What is tried.
        sleep: Waits; handed in for tests.
    """

    def __init__(
        self, api: Api, trial: Trial, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._api, self._trial, self._sleep = api, trial, sleep

    def check(self, user: str) -> Check:
        """Start one in a user's namespace, and wait until its pod is ready.

        Raises:
            ApiError: When the cluster does not answer, or it cannot be taken away.
        """
        namespace = profile_of(self._api, user)
        if not namespace:
            return Check("notebook", False, "the user %s has no profile yet" % user)
        try:
            made = self._make(namespace)
        except UnknownKindError:
            return Check("notebook", False, "the cluster has no kind Notebook")
        except ApiError as error:
            return Check("notebook", False, "it is not taken: %s" % error)
        try:
            return self._seen(made)
        finally:
            take_away(self._api, made, self._sleep)
            self._until(lambda: self._api.get(_pod_of(made)) is None)

    def _make(self, namespace: str) -> Object:
        container: Object = {"name": "notebook", "image": self._trial.image}
        if self._trial.gpu:
            container["resources"] = {"limits": {self._trial.gpu: "1"}}
        pod: Object = {"containers": [container]}
        if self._trial.tolerations:
            pod["tolerations"] = [as_pods_have_it(one) for one in self._trial.tolerations]
        spec = {"template": {"spec": pod}}
        metadata = {"generateName": _NAME, "namespace": namespace}
        version = self._version()
        body = {"apiVersion": version, "kind": "Notebook", "metadata": metadata, "spec": spec}
        return dict(self._api.create(body), apiVersion=version, kind="Notebook")

    def _version(self) -> str:
        for version in _VERSIONS:
            try:
                self._api.kind(version, "Notebook")
            except UnknownKindError:
                continue
            return version
        raise UnknownKindError("Notebook")

    def _seen(self, made: Object) -> Check:
        pod = _pod_of(made)
        with_gpu = "with one %s" % self._trial.gpu if self._trial.gpu else "without a GPU"
        if self._until(lambda: _is_ready(self._api.get(pod) or {})):
            return Check("notebook", True, "a notebook %s ran" % with_gpu)
        live = self._api.get(pod)
        told = _why(live) if live else ""
        told = told or last_words(self._api, pod if live else made, _SILENT)
        message = "a notebook %s does not run after %d s: %s"
        return Check("notebook", False, message % (with_gpu, self._trial.timeout, told))

    def _until(self, seen: Callable[[], bool]) -> bool:
        end = time.monotonic() + self._trial.timeout
        while not seen():
            if time.monotonic() > end:
                return False
            self._sleep(1)
        return True


def _pod_of(made: Object) -> Object:
    """Return the pod's reference: the first of a StatefulSet that has the notebook's name."""
    metadata = made["metadata"]
    place = {"name": metadata["name"] + "-0", "namespace": metadata["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": place}


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _why(pod: Object) -> str:
    """Return what a pod says of a container that does not run, or of not being scheduled."""
    status = pod.get("status") or {}
    for one in status.get("containerStatuses") or []:
        for state in _WAITS:
            found = (one.get("state") or {}).get(state)
            if found:
                return ": ".join(
                    str(found[key]) for key in ("reason", "message") if found.get(key)
                )
    for one in status.get("conditions") or []:
        if one.get("type") == "PodScheduled" and one.get("status") == "False":
            return str(one.get("message", ""))
    return ""
