"""What must be so before anything of Kubeflow is applied: all is looked at, and told together."""

import time
from typing import Any, Callable, Iterable, List, NamedTuple, Optional, Sequence

from kubeflow_installer.preflight import api_server_flags, foreign_objects, nodes
from kubeflow_installer.preflight.load_balancer import Probe
from labcharm.machine import Machine
from labcharm.text import some
from labkube.apply.objects import Objects
from labkube.client.api import Api, ApiError, Object

# Every check, in the order in which problems are told.
NAMES = (
    "admin", "storage-class", "load-balancer", "privileged", "token-projection", "nodes",
    "node-limits", "foreign-objects",
)  # fmt: skip
Problem = NamedTuple("Problem", [("name", str), ("told", str)])

_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_BETA = "storageclass.beta.kubernetes.io/is-default-class"
# The words of the API server where it runs without --allow-privileged (pod validation).
_UNPRIVILEGED = "disallowed by cluster policy"


class Preconditions:
    """What a release needs of the cluster and of this machine.

    Args:
        api: The cluster.
        objects: Ours; the probe service is made and known by them.
        release: What is to be installed (`releases.table.Release`).
        inventory: What it consists of (`releases.inventory.Inventory`).
        machine: Where this unit runs, which may be a node.
        sleep: Waits; handed in for tests.
        patience: Seconds that an address may take to be handed out.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        release: Any,
        inventory: Any,
        machine: Machine,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = 15.0,
    ) -> None:
        self._api, self._objects = api, objects
        self._release, self._inventory = release, inventory
        self._machine = machine
        self._probe = Probe(api, objects, sleep, patience)
        self._listed: Optional[List[Object]] = None

    def problems(self, skipped: Iterable[str] = (), adopt: bool = False) -> List[Problem]:
        """Look at everything and return what is missing, each with its mend.

        What one check cannot do hides nothing of the next. A user without an administrator's
        rights is told once, and not again for each request that is refused for it.

        Args:
            skipped: Names of checks that are left out.
            adopt: Whether objects of others are taken over, so that they are no problem.

        Raises:
            ApiError: When the API is not reached or refuses the credentials (status 0 and 401):
                nothing can be looked at then.
        """
        self._listed = None
        left_out = set(skipped) | ({"foreign-objects"} if adopt else set())
        checks = (
            self._admin, self._storage_class, self._probe.problems, self._privileged,
            self._token_projection, self._nodes, self._node_limits, self._foreign_objects,
        )  # fmt: skip
        found: List[Problem] = []
        for name, check in zip(NAMES, checks):
            if name in left_out:
                continue
            powerless = any(problem.name == "admin" for problem in found)
            found += [Problem(name, told) for told in _looked(check, powerless)]
        return found

    def _admin(self) -> List[str]:
        everything = {"verb": "*", "group": "*", "resource": "*"}
        asked = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": everything},
        }
        if self._api.create(asked).get("status", {}).get("allowed"):
            return []
        return [
            "these credentials are no administrator's: relate kube-control, which gives them the"
            " group system:masters, or put a cluster-admin's into the option kubeconfig"
        ]

    def _storage_class(self) -> List[str]:
        classes = self._api.list("storage.k8s.io/v1", "StorageClass")
        defaults = sorted(one["metadata"]["name"] for one in classes if _is_default(one))
        if len(defaults) == 1:
            return []
        if defaults:
            return [_too_many(defaults)]
        return [_no_default(sorted(one["metadata"]["name"] for one in classes))]

    def _privileged(self) -> List[str]:
        """Let the server judge a Deployment that it does not store."""
        trial = _privileged_trial()
        try:
            path = self._api.path_of(trial, with_name=False)
            self._api.request("POST", path, trial, query={"dryRun": "All"})
        except ApiError as error:
            if _UNPRIVILEGED not in str(error):
                raise
            mend = api_server_flags.allow_privileged(self._api.version())
            return ["the API server refuses privileged containers, which Istio needs: " + mend]
        return []

    def _token_projection(self) -> List[str]:
        if not self._release.projection:
            return []
        served = self._api.request("GET", "/api/v1").get("resources", [])
        if any(one.get("name") == "serviceaccounts/token" for one in served):
            return []
        told = (
            "the API server issues no service account tokens, which Istio needs in Kubeflow %s: "
        )
        return [told % self._release.name + api_server_flags.issue_tokens(self._api.version())]

    def _all_nodes(self) -> List[Object]:
        if self._listed is None:
            self._listed = self._api.list("v1", "Node")
        return self._listed

    def _nodes(self) -> List[str]:
        told = nodes.short_of(self._all_nodes(), nodes.need_of(self._release))
        return [told] if told else []

    def _node_limits(self) -> List[str]:
        node = nodes.node_here(self._machine, self._all_nodes())
        found = nodes.limits(self._machine) if node else []
        return ["node %s: %s" % (node, told) for told in found]

    def _foreign_objects(self) -> List[str]:
        found = foreign_objects.foreign(self._api, self._objects, self._inventory)
        if not found:
            return []
        told = "already there and not made by this application: %s; remove them, or run the action"
        return [(told + " install with adopt=true, which takes them over") % some(found)]


def _looked(check: Callable[[], List[str]], powerless: bool) -> List[str]:
    """Return what a check says, or why it could not be made."""
    try:
        return check()
    except ApiError as error:
        if error.status in (0, 401):
            raise
        if error.status == 403 and powerless:
            return []
        return ["could not be looked at: %s" % error]


def _is_default(found: Object) -> bool:
    notes = found["metadata"].get("annotations") or {}
    return "true" in (notes.get(_DEFAULT), notes.get(_BETA))


def _too_many(defaults: Sequence[str]) -> str:
    told = (
        "%d default StorageClasses (%s), and claims without a class need exactly one: make the"
        " others plain: kubectl annotate --overwrite storageclass NAME %s=false %s-, or where the"
        " right one is nfs-server's, run its action sync-objects with only-default=true"
    )
    return told % (len(defaults), some(defaults), _DEFAULT, _BETA)


def _no_default(names: Sequence[str]) -> str:
    if not names:
        return "there is no StorageClass; deploy nfs-server, or another provisioner with a default"
    told = "no StorageClass is the default (there is %s): kubectl annotate storageclass %s %s=true"
    return told % (some(names), names[0] if len(names) == 1 else "NAME", _DEFAULT)


def _privileged_trial() -> Object:
    container = {"name": "trial", "image": "trial", "securityContext": {"privileged": True}}
    labels = {"app": "kubeflow-installer-trial"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": labels["app"], "namespace": "default"},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
    }
