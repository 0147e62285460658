"""Features of Canonical Kubernetes that this project's charms have, too."""

from __future__ import annotations

from collections.abc import Iterator

from ..facts import K8S, Facts

LOAD_BALANCER = "load-balancer-enabled"
LOCAL_STORAGE = "local-storage-enabled"
# The switches that are on by default, of k8s and of nfs-server.
_ON_BY_DEFAULT = (LOCAL_STORAGE, "default-class")


def is_on(facts: Facts, name: str, option: str) -> bool:
    """Return whether a switch of an application is on.

    Args:
        facts: The bundle.
        name: The application.
        option: The switch. If its value is not known, its default is taken from the charms.
    """
    return (facts.option(name, option) or str(option in _ON_BY_DEFAULT)).lower() == "true"


def clusters_with(facts: Facts, option: str) -> Iterator[str]:
    """Yield the applications of the charm k8s that have a feature.

    Args:
        facts: The bundle.
        option: The switch of the feature.
    """
    return (name for name, _ in facts.applications_of(K8S) if is_on(facts, name, option))
