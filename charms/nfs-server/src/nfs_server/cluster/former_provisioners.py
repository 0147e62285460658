"""Provisioners of the same name outside of the application's namespace.

The charm had its provisioner in the namespace `default` before it had a namespace of its own, and
helm installs one in any namespace. Two provisioners of one name would answer one claim, so the
others end before the application's own one starts.
"""

import time
from typing import Callable, List

from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labcharm.text import summarize
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.client.api import Api
from labkube.client.references import name_of
from labkube.inspect.readiness import phase_of
from nfs_server.cluster.provisioner import PROVISIONER_VARIABLE, variables_of
from nfs_server.cluster.storage_class import StorageClass

# A pod gets 30 seconds to end, and a busy kubelet needs more.
_SECONDS = 60.0
_ENDED = ("Succeeded", "Failed")


class FormerProvisioners:
    """The provisioners of one name outside of the application's namespace.

    Args:
        api: The cluster.
        objects: The application's objects.
        storage_class: The class, which names the provisioner.
        sleep: Waits for some seconds; tests pass their own.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        storage_class: StorageClass,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api, self._objects, self._sleep = api, objects, sleep
        self._storage_class = storage_class

    def deployments(self) -> List[JsonObject]:
        """Return their Deployments; foreign ones only if they have pods."""
        return [
            live
            for live in self._api.list("apps/v1", "Deployment")
            if self._is_former(live, live["spec"]["template"]["spec"])
            and (self._objects.owns(live) or live["spec"].get("replicas") != 0)
        ]

    def _is_former(self, live: JsonObject, pod_spec: JsonObject) -> bool:
        name = variables_of(pod_spec).get(PROVISIONER_VARIABLE)
        is_elsewhere = live["metadata"].get("namespace") != self._storage_class.namespace
        return is_elsewhere and name == self._storage_class.provisioner

    def retire(self, adopt: bool) -> None:
        """Delete their Deployments, and wait until their pods have ended.

        Volumes, claims and classes stay. A run that is killed in between finds the pods again.

        Args:
            adopt: Whether foreign Deployments are deleted too.

        Raises:
            ForeignObjectError: Before anything is deleted, when there are foreign Deployments.
            WaitingError: When a pod still runs.
        """
        deployments = self.deployments()
        foreign = [name_of(live) for live in deployments if not self._objects.owns(live)]
        if foreign and not adopt:
            raise ForeignObjectError(foreign, "replace them with sync-objects adopt=true")
        for live in deployments:
            self._api.delete(live)
        pods: List[str] = []

        def all_ended() -> bool:
            pods[:] = self._pods()
            return not pods

        # Later hooks look once: a pod on a lost node does not end by itself.
        if not wait_until(all_ended, _SECONDS if deployments else 0.0, 1.0, self._sleep):
            raise WaitingError(f"{summarize(pods)} of the former provisioner still runs")

    def _pods(self) -> List[str]:
        return [
            name_of(pod)
            for pod in self._api.list("v1", "Pod")
            if self._is_former(pod, pod["spec"]) and phase_of(pod) not in _ENDED
        ]


def check_namespace(objects: Objects, live: JsonObject) -> None:
    """Check that the provisioner's namespace is the application's own.

    It is not taken over, because removing the application deletes the namespace with everything
    that is in it.

    Args:
        objects: The application's objects.
        live: The namespace.

    Raises:
        BlockedError: When the application did not make it.
    """
    if not objects.owns(live):
        raise BlockedError(
            f"{name_of(live)} is a foreign object; delete it, or set another provisioner-name"
        )
