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
    """

    def __init__(
        self,
        version: tuple[int, int] = (1, 13),
        resources: Collection[str] = (),
        failing: dict[str, int] | None = None,
    ) -> None:
        self._version, self._resources = version, resources
        self._failing = failing or {}

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return self._version

    def create(self, _: Any) -> Any:
        """Allow everything."""
        return {"status": {"allowed": True}}

    def path_of(self, *_: Any, **__: Any) -> str:
        """Return a path."""
        return "/apis/apps/v1/namespaces/default/deployments"

    def list(self, _: str, kind: str) -> list[Any]:
        """Return no objects, or fail."""
        if kind in self._failing:
            raise ApiError(self._failing[kind], "", f"{kind} broke")
        return []

    def request(self, method: str, path: str, *_: Any, **options: Any) -> Any:
        """Answer discovery and a dry run."""
        if path == "/api/v1":
            return {"resources": [{"name": name} for name in self._resources]}
        assert (method, options["query"]) == ("POST", {"dryRun": "All"})
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
        ("node-limits", "the check failed: Node broke"),
    ]


@pytest.mark.parametrize("status", [0, 401])
def test_unreachable_or_unauthorized_server_is_not_a_problem_of_the_cluster(status: int) -> None:
    with pytest.raises(ApiError, match="StorageClass broke"):
        problems(EmptyApi(failing={"StorageClass": status}), CLUSTER_CHECKS)
