"""MetalLB's objects on a cluster: applied in order, compared, watched and removed."""

import time
from functools import partial
from typing import Callable, List

from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labkube.apply.objects import Applied, Comparison, Objects
from labkube.client.api import Api
from labkube.client.references import name_of, ref_of
from metallb.cluster import foreign_objects
from metallb.cluster.current_pools import current_pools
from metallb.cluster.observed import Observed, observe
from metallb.config.custom_resources import CUSTOM_RESOURCE_KINDS
from metallb.config.pools import Pool
from metallb.desired_state import DesiredState, desired_state
from metallb.manifests.namespace import NAMESPACE
from metallb.manifests.sources import ManifestSources
from metallb.options import Options

# The charm's name: the value of a label, and the field manager.
CHARM = "metallb"
# Every kind that any version of this charm makes.
KINDS = (
    ("v1", "Namespace"),
    ("v1", "ServiceAccount"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("policy/v1beta1", "PodSecurityPolicy"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    *CUSTOM_RESOURCE_KINDS,
)
_NAMESPACE_OBJECT = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
_FIRST_KINDS = ("Namespace", "CustomResourceDefinition")
_FOREIGN_FIX = "remove them, or run sync-objects adopt=true to adopt them"
_NAMES_SHOWN = 5


class MetallbDeployment:
    """The MetalLB of one application.

    Args:
        api: The cluster.
        application: The identity of the application among all on the cluster.
        sleep: Waits for some seconds; tests pass their own.
    """

    def __init__(
        self, api: Api, application: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.api = api
        self._objects = Objects(
            api, application, CHARM, KINDS, sleep, foreign_fix=_FOREIGN_FIX, namespace=NAMESPACE
        )
        self._sleep = sleep

    @property
    def written(self) -> Applied:
        """What was written so far, also by a run that failed."""
        return self._objects.written

    def desired_state(self, options: Options, manifests: ManifestSources) -> DesiredState:
        """Return the desired state on this cluster; see `desired_state.desired_state`."""
        return desired_state(self.api, self._objects.owns, options, manifests)

    def observe(self) -> Observed:
        """Return the objects on which the announcement of addresses depends."""
        return observe(self.api)

    def owned(self) -> List[JsonObject]:
        """Return the objects of this application that are on the cluster and are to stay there."""
        return [
            live for live in self._objects.owned() if not live["metadata"].get("deletionTimestamp")
        ]

    def current_pools(self) -> List[Pool]:
        """Return the pools that this application has on the cluster."""
        return current_pools(self.api, self._objects.owns)

    def apply(self, desired: DesiredState, adopt: bool = False) -> Applied:
        """Apply the desired state, and prune leftovers of earlier states.

        Custom resources are applied right after their definitions. A controller that starts
        without pools would remove the addresses of services, and the webhooks would refuse the
        custom resources as long as no controller answers.

        Args:
            desired: The desired state.
            adopt: Whether foreign objects of the same names are adopted.

        Raises:
            ForeignObjectError: Before anything is written, when a foreign object has the name of
                a desired one.
            ApiError: When a request fails; the next run continues.
        """
        if not desired.release.uses_custom_resources:
            return self._objects.apply(desired.objects, adopt)
        snapshot = self._objects.read()
        observed = snapshot.by_ref(desired.objects)
        if not adopt and ref_of(_NAMESPACE_OBJECT) not in observed:
            self._objects.refuse_foreign(desired.objects)  # before the first stage is written
        first = [entry for entry in desired.release_objects if entry["kind"] in _FIRST_KINDS]
        last = [entry for entry in desired.release_objects if entry["kind"] not in _FIRST_KINDS]
        apply = partial(self._objects.apply, adopt=adopt, prune=False, observed=observed)
        stages = [apply(first)]
        self._wait_until_served(desired.configuration_objects)
        stages += [apply(desired.configuration_objects), apply(last)]
        return Applied(
            [name for stage in stages for name in stage.created],
            [name for stage in stages for name in stage.changed],
            sum(stage.same for stage in stages),
            self._objects.prune(desired.objects, snapshot),
        )

    def _has_namespace(self) -> bool:
        namespace = self.api.get(_NAMESPACE_OBJECT)
        return namespace is not None and self._objects.owns(namespace)

    def _wait_until_served(self, objects: List[JsonObject]) -> None:
        """Wait until the server serves the kinds of objects that were just defined."""
        kinds = {(entry["apiVersion"], entry["kind"]) for entry in objects}
        wait_until(lambda: all(self.api.has(*kind) for kind in kinds), 15, sleep=self._sleep)

    def compare(self, desired: DesiredState) -> Comparison:
        """Return which objects are correct, changed, missing and extra."""
        return self._objects.compare(desired.objects)

    def not_ready(self, desired: DesiredState) -> List[str]:
        """Return the workloads that are not ready, with the reason."""
        workloads = [
            workload
            for workload in desired.release_objects
            if workload["kind"] in ("Deployment", "DaemonSet")
        ]
        return self._objects.not_ready(workloads)

    def remove(self, seconds: float = 60.0) -> List[str]:
        """Remove the objects of this application.

        An object whose deletion would delete foreign objects as well stays.

        Args:
            seconds: How long to wait until the objects are gone.

        Returns:
            The objects that are not gone, with the reason.
        """
        foreign = self._foreign_objects()
        retained = []
        if foreign:
            retained = [
                owned
                for owned in self._objects.owned()
                if foreign_objects.would_delete(owned, foreign)
            ]
        remaining = self._objects.remove(seconds, retained)
        names = ", ".join(sorted(map(str, foreign))[:_NAMES_SHOWN])
        reason = f"stays, because it contains foreign objects: {names}"
        return remaining + [f"{name_of(owned)} {reason}" for owned in retained]

    def _foreign_objects(self) -> List[foreign_objects.ForeignObject]:
        if not self._has_namespace():
            return []
        return foreign_objects.foreign_objects(self.api, self._objects.owns)
