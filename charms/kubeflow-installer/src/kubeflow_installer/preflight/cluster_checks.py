"""The preflight checks of the cluster and the host; all run, and all problems are reported."""

import time
from typing import Callable, Collection, Iterable, List, Optional

from kubeflow_installer.preflight import (
    api_server_flags,
    architecture,
    foreign_objects,
    host_limits,
    nodes,
    storage_class,
)
from kubeflow_installer.preflight.load_balancer import Probe
from kubeflow_installer.preflight.problems import CLUSTER_CHECKS, Message, Problem
from kubeflow_installer.releases.inventory import Inventory
from kubeflow_installer.releases.table import Release
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.text import summarize
from labkube.apply.objects import Objects
from labkube.client.api import Api, ApiError

# From the message of an API server that runs without --allow-privileged (pod validation).
_UNPRIVILEGED = "disallowed by cluster policy"


class ClusterChecks:
    """What a release needs of the cluster and of the machine of this unit.

    Args:
        api: The cluster.
        objects: The application's objects; the probe service becomes one of them.
        release: The release that is going to be installed.
        inventory: What the release consists of.
        machine: The machine of this unit, which may be a node.
        sleep: Waits; passed in by tests.
        patience: How many seconds the load balancer has to assign an address.
        excluded: The components that are not installed.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        release: Release,
        inventory: Inventory,
        machine: Machine,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = 15.0,
        excluded: Collection[str] = (),
    ) -> None:
        self._api, self._objects = api, objects
        self._release, self._inventory = release, inventory
        self._machine, self._excluded = machine, excluded
        self._probe = Probe(api, objects, sleep, patience)
        self._node_list: Optional[List[JsonObject]] = None

    def problems(self, skipped: Iterable[str] = (), adopt: bool = False) -> List[Problem]:
        """Run every check and return the problems, each with its fix.

        A check that cannot be run does not hide the problems of the next. A user without an
        administrator's rights is reported once, and not again for each request that is refused
        for that reason.

        Args:
            skipped: Names of checks that are skipped.
            adopt: Whether foreign objects are adopted, so that they are no problem.

        Raises:
            ApiError: When the API is not reached or refuses the credentials (status 0 and 401),
                so that no check can be run.
        """
        self._node_list = None
        excluded = set(skipped) | ({"foreign-objects"} if adopt else set())
        checks = (
            self._admin, self._storage_class, self._probe.problems, self._privileged,
            self._token_projection, self._nodes, self._architecture, self._node_limits,
            self._foreign_objects,
        )  # fmt: skip
        problems: List[Problem] = []
        for name, check in zip(CLUSTER_CHECKS, checks):
            if name not in excluded:
                is_admin = all(problem.name != "admin" for problem in problems)
                problems += [Problem(name, message) for message in _run(check, is_admin)]
        return problems

    def _admin(self) -> List[str]:
        everything = {"verb": "*", "group": "*", "resource": "*"}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": everything},
        }
        if self._api.create(review).get("status", {}).get("allowed"):
            return []
        return [
            "the credentials are not an administrator's; relate kube-control, or set kubeconfig"
        ]

    def _storage_class(self) -> List[str]:
        return storage_class.problems(self._api)

    def _privileged(self) -> List[str]:
        """Let the server validate a Deployment without storing it."""
        deployment = _privileged_deployment()
        try:
            path = self._api.path_of(deployment, with_name=False)
            self._api.request("POST", path, deployment, query={"dryRun": "All"})
        except ApiError as error:
            if _UNPRIVILEGED not in str(error):
                raise
            command = api_server_flags.allow_privileged(self._api.version())
            return [
                Message(
                    f"the API server refuses privileged containers, which Istio needs: {command}",
                    f"privileged containers are refused: {command}",
                )
            ]
        return []

    def _token_projection(self) -> List[str]:
        if not self._release.needs_projected_tokens:
            return []
        served = self._api.request("GET", "/api/v1").get("resources", [])
        if any(resource.get("name") == "serviceaccounts/token" for resource in served):
            return []
        command = api_server_flags.issue_tokens(self._api.version())
        return [
            Message(
                "the API server issues no service account tokens, which Istio needs in"
                f" {self._release.title}: {command}",
                "the API server issues no tokens; set api-extra-args (the log has the command)",
            )
        ]

    def _all_nodes(self) -> List[JsonObject]:
        if self._node_list is None:
            self._node_list = self._api.list("v1", "Node")
        return self._node_list

    def _nodes(self) -> List[str]:
        shortage = nodes.shortage(self._all_nodes(), nodes.requirements(self._release))
        return [shortage] if shortage else []

    def _architecture(self) -> List[str]:
        return architecture.problems(self._all_nodes(), self._release, self._excluded)

    def _node_limits(self) -> List[str]:
        node = nodes.local_node(self._machine, self._all_nodes())
        problems = host_limits.problems(self._machine) if node else []
        return [
            Message(f"node {node}: {problem}", getattr(problem, "short", problem))
            for problem in problems
        ]

    def _foreign_objects(self) -> List[str]:
        names = foreign_objects.names(self._api, self._objects, self._inventory)
        if not names:
            return []
        return [
            Message(
                f"{summarize(names)} exist and were not made by this application; remove them, or"
                " run the action install with adopt=true, which adopts them",
                f"others made {len(names)} objects of its names; remove them, or install"
                " adopt=true",
            )
        ]


def _run(check: Callable[[], List[str]], is_admin: bool) -> List[str]:
    """Return the problems that a check finds, or why it could not be run."""
    try:
        return check()
    except ApiError as error:
        if error.status in (0, 401):
            raise
        if error.status == 403 and not is_admin:
            return []
        return [f"the check failed: {error}"]


def _privileged_deployment() -> JsonObject:
    container = {"name": "trial", "image": "trial", "securityContext": {"privileged": True}}
    labels = {"app": "kubeflow-installer-trial"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": labels["app"], "namespace": "default"},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
    }
