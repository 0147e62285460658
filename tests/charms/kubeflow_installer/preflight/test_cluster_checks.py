"""The preflight checks together: their order, and what happens when one cannot be made."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from unittest.mock import ANY

import pytest

from kubeflow_installer.preflight.cluster_checks import ClusterChecks
from kubeflow_installer.preflight.problems import CLUSTER_CHECKS, Problem
from kubeflow_installer.releases import table
from kubeflow_installer.releases.inventory import EMPTY
from labcharm.machine import Machine
from labkube.apply.objects import Objects
from labkube.client.api import ApiError


class EmptyApi:
    """An API without objects.

    Args:
        version: The server's version.
        resources: Names in the discovery of v1.
        failing: Statuses with which lists fail, by kind.
        refusal: The error of the dry run; None when it succeeds.
        allowed: Whether the credentials are an administrator's.

    Attributes:
        created: The objects that were created.
        dry_runs: The objects that were only validated.
    """

    def __init__(
        self,
        version: tuple[int, int] = (1, 13),
        resources: Collection[str] = (),
        failing: dict[str, int] | None = None,
        refusal: ApiError | None = None,
        allowed: bool = True,
    ) -> None:
        self._version, self._resources = version, resources
        self._failing = failing or {}
        self._refusal, self._allowed = refusal, allowed
        self.created: list[Any] = []
        self.dry_runs: list[Any] = []

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return self._version

    def create(self, manifest: Any) -> Any:
        """Review the access."""
        self.created.append(manifest)
        return {"status": {"allowed": self._allowed}}

    def path_of(self, *_: Any, **__: Any) -> str:
        """Return a path."""
        return "/apis/apps/v1/namespaces/default/deployments"

    def list(self, _: str, kind: str) -> list[Any]:
        """Return no objects, or fail."""
        if kind in self._failing:
            raise ApiError(self._failing[kind], "", f"{kind} broke")
        return []

    def request(self, method: str, path: str, *body: Any, **options: Any) -> Any:
        """Answer discovery and a dry run."""
        if path == "/api/v1":
            return {"resources": [{"name": name} for name in self._resources]}
        assert (method, options["query"]) == ("POST", {"dryRun": "All"})
        self.dry_runs += body
        if self._refusal:
            raise self._refusal
        return {}


def problems(
    api: Any, checks: Collection[str], needs_projected_tokens: bool = True
) -> list[Problem]:
    """Make some of the checks."""
    objects = Objects(api, "kubeflow-installer.0", "kubeflow-installer", ())
    release = table.find("1.0.2")._replace(needs_projected_tokens=needs_projected_tokens)
    preflight = ClusterChecks(api, objects, release, EMPTY, Machine("/nowhere"))
    return preflight.problems([name for name in CLUSTER_CHECKS if name not in checks])


@pytest.mark.parametrize(
    ("version", "application"),
    [((1, 13), "kubernetes-master"), ((1, 23), "kubernetes-master"),
     ((1, 24), "kubernetes-control-plane")],
)  # fmt: skip
def test_token_projection_is_read_from_discovery(
    version: tuple[int, int], application: str
) -> None:
    """Only some releases need it; the fix is the command of the guide."""
    without = EmptyApi(version, ["pods", "serviceaccounts"])
    assert problems(without, ["token-projection"]) == [
        Problem(
            "token-projection",
            "the API server issues no service account tokens, which Istio needs in Kubeflow 1.0.2:"
            f' juju config {application} api-extra-args="service-account-issuer='
            "kubernetes.default.svc service-account-signing-key-file=/root/cdk/serviceaccount.key"
            ' service-account-api-audiences=api,istio-ca" (append it to the current content of the'
            " option)",
        )
    ]
    assert problems(without, ["token-projection"], needs_projected_tokens=False) == []
    served = EmptyApi(version, ["serviceaccounts", "serviceaccounts/token"])
    assert problems(served, ["token-projection"]) == []


def test_failed_check_hides_no_other() -> None:
    """The problems are in the order of the names."""
    api = EmptyApi(failing={"StorageClass": 500, "Node": 403, "Namespace": 429})
    checks = [name for name in CLUSTER_CHECKS if name != "load-balancer"]
    assert [tuple(problem) for problem in problems(api, checks)] == [
        ("storage-class", "the check failed: StorageClass broke"),
        ("token-projection", ANY),
        ("nodes", "the check failed: Node broke"),
        ("architecture", "the check failed: Node broke"),
        ("node-limits", "the check failed: Node broke"),
    ]


@pytest.mark.parametrize("status", [0, 401])
def test_unreachable_or_unauthorized_server_is_not_a_problem_of_the_cluster(status: int) -> None:
    with pytest.raises(ApiError, match="StorageClass broke"):
        problems(EmptyApi(failing={"StorageClass": status}), CLUSTER_CHECKS)


@pytest.mark.parametrize("allowed", [True, False])
def test_credentials_are_reviewed_by_the_server(allowed: bool) -> None:
    """For every verb on every resource of every group."""
    api = EmptyApi(allowed=allowed)
    problem = Problem(
        "admin",
        "the credentials are not an administrator's; relate kube-control, or set kubeconfig",
    )

    assert problems(api, ["admin"]) == ([] if allowed else [problem])
    assert api.created == [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}},
        }
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, []),
        (
            ApiError(422, "Invalid", "spec: Forbidden: disallowed by cluster policy"),
            [
                "the API server refuses privileged containers, which Istio needs: juju config"
                " kubernetes-master allow-privileged=true"
            ],
        ),
        (ApiError(422, "Invalid", "another rule"), ["the check failed: another rule"]),
        (ApiError(403, "Forbidden", "not you"), ["the check failed: not you"]),
        (ApiError(500, "", "it broke"), ["the check failed: it broke"]),
    ],
)
def test_only_the_message_of_the_policy_says_that_privileged_containers_are_refused(
    error: ApiError | None, expected: list[str]
) -> None:
    """The server validates a Deployment without a pod, and does not store it."""
    api = EmptyApi(refusal=error)

    assert problems(api, ["privileged"]) == [Problem("privileged", text) for text in expected]
    assert api.created == []
    (deployment,) = api.dry_runs
    assert deployment["spec"]["replicas"] == 0
    assert deployment["spec"]["template"]["spec"]["containers"] == [
        {"name": "trial", "image": "trial", "securityContext": {"privileged": True}}
    ]
    labels = {"app": "kubeflow-installer-trial"}
    assert deployment["spec"]["template"]["metadata"]["labels"] == labels
    assert deployment["spec"]["selector"] == {"matchLabels": labels}
    assert (deployment["apiVersion"], deployment["kind"]) == ("apps/v1", "Deployment")
