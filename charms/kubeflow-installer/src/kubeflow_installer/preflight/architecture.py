"""The check `architecture`: whether pods can run on every node that accepts them."""

from typing import Collection, List, Sequence

from kubeflow_installer.preflight.nodes import schedulable
from kubeflow_installer.preflight.problems import Message
from kubeflow_installer.releases.table import KFCTL, Release
from labcharm.json_types import JsonObject
from labcharm.text import summarize

_PUBLISHED = "amd64"
# The component that is published for amd64 alone, in every release up to 26.03
# (kubeflow/pipelines #10309, #13957); the images of kfctl's releases are too.
_PIPELINES = "pipeline"


def problems(
    nodes: Sequence[JsonObject], release: Release, excluded: Collection[str]
) -> List[str]:
    """Describe the nodes whose architecture the images of a release are not published for.

    Args:
        nodes: The cluster's nodes.
        release: The release.
        excluded: The excluded components.
    """
    if release.method != KFCTL and _PIPELINES in excluded:
        return []
    others = [
        f"{node['metadata']['name']} ({_architecture(node)})"
        for node in schedulable(nodes)[0]
        if _architecture(node) != _PUBLISHED
    ]
    if not others:
        return []
    subject = "its images" if release.method == KFCTL else "the images of pipelines"
    alternative = "" if release.method == KFCTL else f", or exclude {_PIPELINES}"
    return [
        Message(
            f"{subject} are for {_PUBLISHED} alone, but pods may run on {summarize(others, 2)};"
            f" taint these nodes{alternative}",
            f"{len(others)} nodes are not {_PUBLISHED}, as images are; taint them{alternative}",
        )
    ]


def _architecture(node: JsonObject) -> str:
    """Return a node's architecture; a kubelet always reports it."""
    info = (node.get("status") or {}).get("nodeInfo") or {}
    return str(info.get("architecture") or _PUBLISHED)
