"""The retention policy: what may hold users' data, and definitions that others use."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.kubeflow.manifests import manifest
from kubeflow_installer.reconcile import prune_retention
from labkube.client.api import ApiError, UnknownKindError

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1beta1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "studies.kubeflow.org"},
    "spec": {"group": "kubeflow.org", "version": "v1", "names": {"kind": "Study"}},
}


class StudyApi:
    """A server with studies of some owners, or one that cannot list them."""

    def __init__(self, answer: list[str] | ApiError) -> None:
        self._answer = answer

    def list(self, api_version: str, kind: str) -> list[Any]:
        """Return the studies."""
        assert (api_version, kind) == ("kubeflow.org/v1", "Study")
        if isinstance(self._answer, ApiError):
            raise self._answer
        return [{"owner": owner} for owner in self._answer]


@pytest.mark.parametrize(
    ("answer", "is_retained"),
    [
        ([], False),
        (["us"], False),
        (["us", "jo"], True),
        (UnknownKindError("no Study"), False),
        # Its conversion webhook has no pod, so nobody knows whether there are studies.
        (ApiError(500, "", "conversion webhook failed"), True),
    ],
)
def test_definition_with_foreign_objects_is_retained(
    answer: list[str] | ApiError, is_retained: bool
) -> None:
    """Deleting the definition would delete all objects of its kind."""
    api: Any = StudyApi(answer)
    decision = prune_retention.is_retained(api, lambda live: live["owner"] == "us", DEFINITION)
    assert decision is is_retained


@pytest.mark.parametrize(
    ("api_version", "kind", "is_retained"),
    [
        ("v1", "Namespace", True),
        ("v1", "PersistentVolume", True),
        ("v1", "PersistentVolumeClaim", True),
        ("kubeflow.org/v1beta1", "Profile", True),
        ("other.example/v1", "Profile", False),
        ("v1", "Secret", False),
        ("apps/v1", "StatefulSet", False),
    ],
)
def test_kinds_that_may_hold_data_are_retained(
    api_version: str, kind: str, is_retained: bool
) -> None:
    """No request is necessary for the decision."""
    api: Any = None
    assert prune_retention.is_retained(api, bool, manifest(api_version, kind, "a")) is is_retained
