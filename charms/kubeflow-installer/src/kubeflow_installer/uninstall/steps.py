"""Deletes Kubeflow from a cluster, in an order in which no object blocks another one.

kfctl's own delete waits without a limit and leaves most objects behind. The order here: webhooks
and APIServices first, because they refuse and block requests when their pods are gone; volumes are
retained; then Profiles and other custom resources, while their controllers still run; workloads;
namespaces; definitions; the rest. A step begins when the one before has ended, so an interrupted
run starts again from the beginning and soon reaches the step where it stopped. Nothing is forced:
the outcome describes what blocks the uninstall, with the command that unblocks it.
"""

import time
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set

from kubeflow_installer.releases.inventory import Inventory
from kubeflow_installer.uninstall import blockers, retained_volumes
from kubeflow_installer.uninstall.deletion import Deletion, Target
from kubeflow_installer.uninstall.owned_objects import InstallationObjects, Listing
from labcharm.json_types import JsonObject
from labkube.apply.last_applied import LAST_APPLIED
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL
from labkube.client.api import Api, ApiError
from labkube.client.references import Kind, name_of


class Outcome(NamedTuple):
    """The outcome of a run.

    Attributes:
        done: Whether the uninstall is complete.
        remaining: What remains, what blocks it, and the command that unblocks it.
        retained: What stays for good: volumes, and adopted namespaces and definitions.
        is_final: Whether nothing that remains clears by itself.
    """

    done: bool
    remaining: List[str]
    retained: List[str]
    is_final: bool = False


Step = Callable[[float], List[str]]

# Kinds that are called during requests and block the API when their pods are gone.
_CALLED_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService")
_WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
_PAUSE = 0.1


class Uninstall:
    """Deletes everything that belongs to an installation.

    Args:
        api: The cluster.
        objects: The application's objects, by their labels.
        inventory: What the release consists of.
        sleep: Waits; passed in by tests.
        state: The object that stores the installation's state, which was created before all other
            objects (kind, apiVersion, namespace and name are read). The caller deletes it last. A
            namespace or definition that is older was adopted, and stays.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        inventory: Inventory,
        sleep: Callable[[float], None] = time.sleep,
        state: Optional[JsonObject] = None,
    ) -> None:
        self._api, self._objects, self._inventory = api, objects, inventory
        self._sleep, self._state = sleep, state
        self._retained: Dict[str, None] = {}  # in the order in which they were found
        self._deleted_namespaces: Set[str] = set()

    def run(self, seconds: float, delete_data: bool = False) -> Outcome:
        """Run the steps; call it again later until the outcome is `done`.

        Args:
            seconds: How long it may wait in total. A step that is reached requests its deletions
                even when no time is left.
            delete_data: Whether the volumes of deleted claims are deleted too.

        Raises:
            ApiError: When the API is not reached, refuses the credentials or does not answer
                discovery; the next run continues.
        """
        end = time.monotonic() + seconds
        self._owned = InstallationObjects(
            self._api, self._objects, self._inventory.at_run_time, self._state
        )
        for step in self._steps(delete_data):
            remaining = step(end)
            if remaining:
                is_final = step == self._report_dangling
                return Outcome(False, remaining, list(self._retained), is_final)
        return Outcome(True, [], list(self._retained))

    def _steps(self, delete_data: bool) -> Sequence[Step]:
        def retain_volumes(end: float) -> List[str]:
            return self._retry("volumes", lambda: self._set_reclaim_policies(delete_data), end)

        return (
            self._delete_called,  # first, as they may refuse what follows
            retain_volumes,
            self._delete_profiles,
            self._delete_custom_resources,
            self._delete_workloads,
            self._delete_recreated_called,  # those that controllers created again
            retain_volumes,  # volumes that were bound meanwhile
            self._delete_namespaces,
            self._delete_definitions,
            self._delete_rest,
            lambda end: self._retry("labels", self._release_adopted, end),
            self._report_dangling,
        )

    # The steps.

    def _set_reclaim_policies(self, delete_data: bool) -> None:
        owned = self._owned
        kinds = owned.kinds_named("Namespace", "PersistentVolumeClaim")
        deleted = owned.deletable(kinds).complete()
        deleted += owned.profile_namespaces(owned.defined_kinds())
        names = {
            (live["metadata"].get("namespace", ""), live["metadata"]["name"]) for live in deleted
        }
        self._deleted_namespaces |= {name for namespace, name in names if not namespace}

        def is_deleted(namespace: str, claim: str) -> bool:
            return ("", namespace) in names or (namespace, claim) in names

        retained = retained_volumes.set_reclaim_policies(self._api, is_deleted, delete_data)
        self._retained.update(dict.fromkeys(retained))

    def _delete_called(self, end: float) -> List[str]:
        """Delete webhooks and APIServices.

        A controller (galley) creates some again at once. Those are served while the controller
        runs.
        """
        return self._delete(self._owned.kinds_named(*_CALLED_KINDS), end, recreated=False)

    def _delete_recreated_called(self, end: float) -> List[str]:
        return self._delete(self._owned.kinds_named(*_CALLED_KINDS), end)

    def _delete_profiles(self, end: float) -> List[str]:
        """Delete Profiles, and with them the users' namespaces, which need the controllers."""
        defined = self._owned.profile_kinds(self._owned.defined_kinds())
        if not defined:
            return []

        def find(kinds: Iterable[Kind]) -> Listing:
            listing = self._owned.custom_resources(kinds, defined)
            objects = listing.objects + self._owned.profile_namespaces(defined)
            return listing._replace(objects=objects)

        return self._deletion().delete(Target(list(defined), find, recreated=False), end)

    def _delete_custom_resources(self, end: float) -> List[str]:
        """Delete all custom resources.

        Those that a controller creates again are deleted with their definition.
        """
        defined = self._owned.defined_kinds()

        def find(kinds: Iterable[Kind]) -> Listing:
            return self._owned.custom_resources(kinds, defined)

        return self._deletion().delete(Target(list(defined), find, recreated=False), end)

    def _delete_workloads(self, end: float) -> List[str]:
        return self._delete(self._owned.kinds_named(*_WORKLOAD_KINDS), end)

    def _delete_namespaces(self, end: float) -> List[str]:
        return self._delete(self._owned.kinds_named("Namespace"), end)

    def _delete_definitions(self, end: float) -> List[str]:
        return self._delete(self._owned.kinds_named("CustomResourceDefinition"), end)

    def _delete_rest(self, end: float) -> List[str]:
        self._owned.refresh_kinds()
        return self._delete([kind for kind in self._owned.kinds if kind[1] != "Event"], end)

    def _release_adopted(self) -> None:
        """Remove the application's labels from adopted objects that stay."""
        labels = {APPLICATION_LABEL: None, CHARM_LABEL: None}
        patch = {"metadata": {"labels": labels, "annotations": {LAST_APPLIED: None}}}
        for live in self._owned.adopted_containers():
            self._api.patch(live, patch)
            message = f"{name_of(live)} with its content, which is older than this installation"
            self._retained[message] = None

    def _report_dangling(self, _: float) -> List[str]:
        """Describe foreign objects that call a deleted namespace, and so block the API."""
        names = sorted(set(self._inventory.namespaces) | self._deleted_namespaces)
        deleted = [name for name in names if not self._has_namespace(name)]
        return [
            f"{name_of(live)} calls the deleted namespace {name} and blocks requests:"
            f" kubectl delete {live['kind'].lower()} {live['metadata']['name']}"
            for kind in self._owned.kinds_named(*_CALLED_KINDS)
            for live in self._api.list(kind[0], kind[1])
            for name in blockers.called_namespaces(live)
            if name in deleted
        ]

    def _has_namespace(self, name: str) -> bool:
        reference = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        return self._api.get(reference) is not None

    def _delete(self, kinds: List[Kind], end: float, recreated: bool = True) -> List[str]:
        """Delete the installation's objects of some kinds; describe those that remain."""
        return self._deletion().delete(Target(kinds, self._owned.deletable, recreated), end)

    def _deletion(self) -> Deletion:
        return Deletion(self._api, self._owned.kinds, self._sleep)

    def _retry(self, subject: str, change: Callable[[], None], end: float) -> List[str]:
        """Make changes, and retry until the server accepts them or the time is up.

        For a moment after its configuration was deleted, a server still calls a webhook.
        """
        while True:
            try:
                change()
            except ApiError as error:
                if error.status in (0, 401):
                    raise
                if time.monotonic() >= end:
                    return [f"{subject} cannot be changed: {error}"]
            else:
                return []
            self._sleep(_PAUSE)
