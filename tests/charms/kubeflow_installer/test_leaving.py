"""What no prune takes: what holds users' data, and definitions that are used."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow_installer.uninstall import retention
from labkube.client.api import ApiError, UnknownKindError

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1beta1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "studies.kubeflow.org"},
    "spec": {"group": "kubeflow.org", "version": "v1", "names": {"kind": "Study"}},
}


class Served:
    """A server that has these studies, or says why not."""

    def __init__(self, answer: list[str] | ApiError) -> None:
        self._answer = answer

    def list(self, api_version: str, kind: str) -> list[Any]:
        """Return the studies."""
        assert (api_version, kind) == ("kubeflow.org/v1", "Study")
        if isinstance(self._answer, ApiError):
            raise self._answer
        return [{"owner": one} for one in self._answer]


@pytest.mark.parametrize(
    ("answer", "stays"),
    [
        ([], False),
        (["us"], False),
        (["us", "jo"], True),
        (UnknownKindError("no Study"), False),
        # Its conversion webhook has no pod: nobody knows what is there.
        (ApiError(500, "", "conversion webhook failed"), True),
    ],
)
def test_definitions(answer: list[str] | ApiError, stays: bool) -> None:
    """With one go all objects of its kind, so it stays while somebody else has one."""
    api: Any = Served(answer)
    assert retention.stays(api, lambda one: one["owner"] == "us", DEFINITION) is stays


@pytest.mark.parametrize(
    ("api_version", "kind", "stays"),
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
def test_kinds(api_version: str, kind: str, stays: bool) -> None:
    """Nobody is asked for these."""
    found = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}
    api: Any = None
    assert retention.stays(api, bool, found) is stays
