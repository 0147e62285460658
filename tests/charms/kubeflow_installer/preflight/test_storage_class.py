"""The check that exactly one StorageClass is the default."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow_installer.preflight.storage_class import problems

GA = "storageclass.kubernetes.io/is-default-class"
BETA = "storageclass.beta.kubernetes.io/is-default-class"


class Classes:
    """A cluster with StorageClasses.

    Args:
        annotations: The annotations of each class, by name.
    """

    def __init__(self, annotations: dict[str, dict[str, str] | None]) -> None:
        self._annotations = annotations

    def list(self, api_version: str, kind: str) -> list[dict[str, Any]]:
        """Return the classes."""
        assert (api_version, kind) == ("storage.k8s.io/v1", "StorageClass")
        return [
            {"metadata": {"name": name, "annotations": annotations}}
            for name, annotations in self._annotations.items()
        ]


def problems_of(**annotations: dict[str, str] | None) -> list[str]:
    """Return the problems of a cluster with these classes."""
    api: Any = Classes(annotations)
    return problems(api)


@pytest.mark.parametrize("annotation", [GA, BETA])
def test_one_default_class_is_no_problem(annotation: str) -> None:
    """Also with the annotation that Kubernetes had until 1.6."""
    assert problems_of(nfs={annotation: "true"}, slow={annotation: "false"}, none=None) == []


def test_cluster_without_a_class_needs_a_provisioner() -> None:
    assert problems_of() == [
        "there is no StorageClass; deploy nfs-server, or another provisioner with a default"
    ]


@pytest.mark.parametrize(
    ("names", "listed", "annotated"),
    [(["nfs"], "nfs", "nfs"), (["slow", "nfs"], "nfs, slow", "NAME")],
)
def test_command_makes_a_class_the_default(names: list[str], listed: str, annotated: str) -> None:
    """It names the class if there is only one."""
    (problem,) = problems_of(**dict.fromkeys(names))

    assert problem == (
        f"no StorageClass is the default (there is {listed}):"
        f" kubectl annotate storageclass {annotated} {GA}=true"
    )
    assert getattr(problem, "short", "") == (
        "no StorageClass is the default; annotate one (the log has the command)"
    )


def test_several_defaults_are_named_with_both_ways_to_keep_one() -> None:
    (problem,) = problems_of(nfs={GA: "true"}, ceph={BETA: "true"}, slow={GA: "false"})

    assert problem == (
        "there are 2 default StorageClasses (ceph, nfs), but claims without a class need exactly"
        f" one; for each other class: kubectl annotate --overwrite storageclass NAME {GA}=false"
        f" {BETA}-; or keep nfs-server's with its action sync-objects only-default=true"
    )
    assert getattr(problem, "short", "") == (
        "2 default StorageClasses; run nfs-server's sync-objects only-default=true"
    )
