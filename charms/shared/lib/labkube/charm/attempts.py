"""How long a hook tries to reach the cluster: short after a hook that did not reach it.

While a hook waits, all other hooks of its machine wait. Several hooks follow each other in a
deployment, so with the API server down each of them would wait for its whole patience. Only the
first one does; after it, hooks try once, until one of them reaches the server. At the latest
`update-status`, which Juju runs every five minutes, does.
"""

from labcharm.machine import Machine
from labkube.client.api import PATIENCE


class LastAttempt:
    """Whether the last hook of this unit reached the cluster.

    Args:
        machine: Where a marker is stored after a hook that did not reach it.
        path: The marker's path.
    """

    def __init__(self, machine: Machine, path: str) -> None:
        self._machine, self._path = machine, path

    def patience(self) -> float:
        """Return for how many seconds the next hook repeats a request; 0 for a single try."""
        return 0.0 if self._machine.exists(self._path) else PATIENCE

    def record(self, is_reached: bool) -> None:
        """Store whether a hook reached the cluster."""
        if is_reached:
            self.forget()
        else:
            self._machine.write(self._path, "the last hook did not reach the cluster\n")

    def forget(self) -> None:
        """Remove the marker."""
        self._machine.remove(self._path)
