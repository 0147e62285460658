"""The check of the pods of the lab's systems."""

from __future__ import annotations

from collections.abc import Sequence

from ..cluster.model import Pod
from ..cluster.namespaces import SYSTEM_NAMESPACES, faulty_system_pods
from .report import Check

_NAME = "pods"
_MOST_NAMED = 5


def pods_check(pods: Sequence[Pod]) -> Check:
    """Return the check that the pods of the systems run."""
    number = sum(pod.namespace in SYSTEM_NAMESPACES for pod in pods)
    faulty = faulty_system_pods(pods)
    if not number:
        return Check(
            _NAME, False, "no pods of the systems exist; see juju status for the control plane"
        )
    if not faulty:
        return Check(_NAME, True, f"all {number} pods of the systems run or have succeeded")
    named = "; ".join(f"{pod.namespace}/{pod.name}: {pod.problem}" for pod in faulty[:_MOST_NAMED])
    more = f"; and {len(faulty) - _MOST_NAMED} more" if len(faulty) > _MOST_NAMED else ""
    first = faulty[0]
    return Check(
        _NAME,
        False,
        f"{len(faulty)} of {number} pods do not run: {named}{more}; see kubectl describe pod -n"
        f" {first.namespace} {first.name}",
    )
