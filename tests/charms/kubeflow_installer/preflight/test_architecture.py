"""The check `architecture`: nodes for which images are not published."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow_installer.preflight import architecture
from kubeflow_installer.releases import table


def node(name: str, machine: str, **spec: Any) -> Any:
    """Return a node that is ready."""
    conditions = [{"type": "Ready", "status": "True"}]
    status = {"conditions": conditions, "nodeInfo": {"architecture": machine}}
    return {"metadata": {"name": name}, "spec": spec, "status": status}


NODES = [node("a", "amd64"), node("b", "arm64"), node("c", "arm64")]


@pytest.mark.parametrize(
    ("release", "excluded", "problem"),
    [
        ("0.6.2", ("pipeline",), "its images are for amd64 alone, but pods may run on b (arm64), c"
         " (arm64); taint these nodes"),
        ("26.03", (), "the images of pipelines are for amd64 alone, but pods may run on b (arm64),"
         " c (arm64); taint these nodes, or exclude pipeline"),
        ("26.03", ("pipeline",), ""),
    ],
)  # fmt: skip
def test_nodes_of_another_architecture_are_named(
    release: str, excluded: tuple[str, ...], problem: str
) -> None:
    problems = architecture.problems(NODES, table.find(release), excluded)
    assert problems == ([problem] if problem else [])


def test_nodes_without_pods_of_kubeflow_may_have_any_architecture() -> None:
    taints = [{"key": "arch", "effect": "NoSchedule"}]
    nodes = [node("a", "amd64"), node("b", "arm64", taints=taints)]
    assert architecture.problems(nodes, table.find("26.03"), ()) == []
