"""Takes Kubeflow off a cluster, in an order that leaves nothing stuck.

kfctl's own delete waits without an end and leaves most behind. The order here: webhooks and
APIServices go, which refuse and block when their pods are gone; volumes are kept; Profiles and
other custom resources go, while their controllers still run; workloads; namespaces; definitions;
the rest. A step begins when the one before has ended, so a run that was cut is begun again, and
soon is where it was. Nothing is forced: what is stuck is told, with the command that frees it.
"""

import time
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set

from kubeflow_installer.uninstall import finalizers
from kubeflow_installer.uninstall import volumes as volumes_module
from kubeflow_installer.uninstall.deletion import Clearing, Find
from kubeflow_installer.uninstall.owned_objects import Belongings, Found, Kind, sure
from labkube.apply.last_applied import APPLIED
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION, CHARM
from labkube.apply.references import name_of
from labkube.client.api import Api, ApiError, Object

Outcome = NamedTuple("Outcome", [("done", bool), ("left", List[str]), ("kept", List[str])])
Step = Callable[[float], List[str]]

# What stands before or behind the API and blocks it when its pods are gone.
_CALLED = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
_PAUSE = 0.1


class Uninstall:
    """The way back.

    Args:
        api: The cluster.
        objects: Ours, by their labels.
        inventory: What the release consists of (`releases.inventory.Inventory`).
        sleep: Waits; handed in for tests.
        state: The record of the installation, made before all other objects (kind, apiVersion,
            namespace and name are read). It is left to the caller, who removes it last. A
            namespace or definition that is older was there before us, and stays.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        inventory: Any,
        sleep: Callable[[float], None] = time.sleep,
        state: Optional[Object] = None,
    ) -> None:
        self._api, self._objects, self._inventory = api, objects, inventory
        self._sleep, self._state = sleep, state
        self._kept: Dict[str, None] = {}  # in the order in which they were seen
        self._emptied: Set[str] = set()

    def run(self, seconds: float, delete_data: bool = False) -> Outcome:
        """Go on with it; to be called again, at any later time, while it is not done.

        Args:
            seconds: How long it may wait in all. Each step that is reached asks for the deletion
                of what is its, also when no time is left.
            delete_data: Whether the volumes of claims that go, go too.

        Returns:
            Whether all is done; else what is left, what holds it and the command that frees it.
            And what stays: volumes, and what was there before us.

        Raises:
            ApiError: When the API is not reached, refuses the credentials or does not answer
                discovery; the next run goes on.
        """
        end = time.monotonic() + seconds
        self._ours = Belongings(self._api, self._objects, self._inventory.at_run_time, self._state)
        for step in self._steps(delete_data):
            left = step(end)
            if left:
                return Outcome(False, left, list(self._kept))
        return Outcome(True, [], list(self._kept))

    def _steps(self, delete_data: bool) -> Sequence[Step]:
        def volumes(end: float) -> List[str]:
            return self._taken("volumes", lambda: self._keep_volumes(delete_data), end)

        return (
            self._refusing,  # first, as they may refuse what comes
            volumes,
            self._profiles,
            self._custom_resources,
            self._workloads,
            self._called,  # what controllers made anew meanwhile
            volumes,  # those that were bound meanwhile
            self._namespaces,
            self._definitions,
            self._rest,
            lambda end: self._taken("labels", self._give_back, end),
            self._dangling,
        )

    # The steps.

    def _keep_volumes(self, delete_data: bool) -> None:
        ours = self._ours
        going = sure(ours.going(ours.of_kinds("Namespace", "PersistentVolumeClaim")))
        going += ours.profile_namespaces(ours.defined())
        names = {(one["metadata"].get("namespace", ""), one["metadata"]["name"]) for one in going}
        self._emptied |= {name for namespace, name in names if not namespace}

        def goes(namespace: str, claim: str) -> bool:
            return ("", namespace) in names or (namespace, claim) in names

        self._kept.update(dict.fromkeys(volumes_module.settle(self._api, goes, delete_data)))

    def _refusing(self, end: float) -> List[str]:
        """Webhooks that a controller (galley) makes anew at once are served while that runs."""
        return self._clear(self._ours.of_kinds(*_CALLED), end, remade=False)

    def _called(self, end: float) -> List[str]:
        return self._clear(self._ours.of_kinds(*_CALLED), end)

    def _profiles(self, end: float) -> List[str]:
        """Profiles first: with them go the users' namespaces, which need the other controllers."""
        defined = self._ours.profiles(self._ours.defined())

        def find(kinds: Iterable[Kind]) -> Found:
            found = self._ours.custom(kinds, defined)
            there = found.objects + self._ours.profile_namespaces(defined)
            return found._replace(objects=there)

        return self._clear(list(defined), end, find, remade=False) if defined else []

    def _custom_resources(self, end: float) -> List[str]:
        """All of our kinds; what a controller makes anew goes with its definition."""
        defined = self._ours.defined()

        def find(kinds: Iterable[Kind]) -> Found:
            return self._ours.custom(kinds, defined)

        return self._clear(list(defined), end, find, remade=False)

    def _workloads(self, end: float) -> List[str]:
        return self._clear(self._ours.of_kinds(*_WORKLOADS), end)

    def _namespaces(self, end: float) -> List[str]:
        return self._clear(self._ours.of_kinds("Namespace"), end)

    def _definitions(self, end: float) -> List[str]:
        return self._clear(self._ours.of_kinds("CustomResourceDefinition"), end)

    def _rest(self, end: float) -> List[str]:
        self._ours.look_again()
        kinds = [kind for kind in self._ours.kinds if kind[1] != "Event"]
        return self._clear(kinds, end)

    def _give_back(self) -> None:
        """Take our labels off what was taken over and stays."""
        labels = {APPLICATION: None, CHARM: None}
        patch = {"metadata": {"labels": labels, "annotations": {APPLIED: None}}}
        for found in self._ours.stay():
            self._api.patch(found, patch)
            told = "%s, which was there before this installation, with what is in it"
            self._kept[told % name_of(found)] = None

    def _dangling(self, _: float) -> List[str]:
        """Tell what others made that calls a namespace which is gone, and so blocks the API."""
        names = set(self._inventory.namespaces) | self._emptied
        gone = [name for name in sorted(names) if not self._is_there(name)]
        kinds = self._ours.of_kinds(*_CALLED)
        there = [one for kind in kinds for one in self._api.list(kind[0], kind[1])]
        told = "%s calls namespace %s, which is gone, and blocks requests: kubectl delete %s %s"
        return [
            told % (name_of(one), name, one["kind"].lower(), one["metadata"]["name"])
            for one in there
            for name in finalizers.called(one)
            if name in gone
        ]

    def _is_there(self, namespace: str) -> bool:
        sought = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        return self._api.get(sought) is not None

    def _clear(
        self, kinds: List[Kind], end: float, find: Optional[Find] = None, remade: bool = True
    ) -> List[str]:
        clearing = Clearing(self._api, self._ours.kinds, self._sleep)
        return clearing.clear(kinds, find or self._ours.going, end, remade)

    def _taken(self, what: str, change: Callable[[], None], end: float) -> List[str]:
        """Make changes, again until the server takes them or the time is over.

        A server goes on asking a webhook for a moment after its configuration has gone.
        """
        while True:
            try:
                change()
            except ApiError as error:
                if error.status in (0, 401):
                    raise
                if time.monotonic() >= end:
                    return ["%s cannot be changed: %s" % (what, error)]
            else:
                return []
            self._sleep(_PAUSE)
