"""The interface through which botlab reads a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..errors import LiveError
from .model import LoadBalancer, Node, Pod, StorageClass


class ClusterError(LiveError):
    """A cluster that cannot be read: not reached, access denied, or an answer without sense."""


class ClusterAccess(Protocol):
    """A cluster that can be read.

    Every method ends within a time limit, and raises a :class:`ClusterError` when the API cannot
    be used. The methods may be called from several threads at once.
    """

    @property
    def server(self) -> str:
        """The URL of the API."""
        ...

    def close(self) -> None:
        """End the connections, and remove every file that held a key."""
        ...

    def version(self) -> str:
        """Return the version of the API server, such as ``v1.35.2``."""
        ...

    def nodes(self) -> Sequence[Node]:
        """Return the nodes, sorted by name."""
        ...

    def pods(self) -> Sequence[Pod]:
        """Return the pods of all namespaces, sorted by namespace and name."""
        ...

    def storage_classes(self) -> Sequence[StorageClass]:
        """Return the storage classes, sorted by name."""
        ...

    def load_balancers(self) -> Sequence[LoadBalancer]:
        """Return the services of the type LoadBalancer, sorted by namespace and name."""
        ...
