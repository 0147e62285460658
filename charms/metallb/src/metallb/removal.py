"""The record that the administrator removed MetalLB by action, until sync-objects.

Juju stores the leader's data only when a hook or an action ends well, while requests to the
cluster take effect at once. So the intention is written to a file of the machine before the first
object is deleted or applied, and it outlives an action that is killed. The leader's data, from
which the next leader reads the record, follows it.
"""

from typing import Callable, Mapping

from labcharm.machine import Machine

_KEY = "removed"
_TEXTS = {True: "removed\n", False: "installed\n"}


class RemovalRecord:
    """The record.

    Args:
        machine: The machine with the file.
        path: The file's path.
        read: Returns the leader's data.
        write: Changes the leader's data.
    """

    def __init__(
        self,
        machine: Machine,
        path: str,
        read: Callable[[], Mapping[str, str]],
        write: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._machine, self._path = machine, path
        self._read, self._write = read, write

    def is_removed(self) -> bool:
        """Return whether MetalLB is, or is being, removed by action."""
        intention = self._machine.read(self._path)
        return self._stored() if intention is None else intention == _TEXTS[True]

    def intend(self, is_removed: bool) -> None:
        """Record what is done from now on, before the first effect on the cluster."""
        if self.is_removed() != is_removed:
            self._machine.write(self._path, _TEXTS[is_removed])

    def publish(self) -> None:
        """Let the leader's data follow the file, which is removed when they agree.

        Raises:
            WaitingError: When there is no peer relation yet.
        """
        intention = self._machine.read(self._path)
        if intention is None:
            return
        is_removed = intention == _TEXTS[True]
        if self._stored() == is_removed:
            self._machine.remove(self._path)
        else:
            self._write({_KEY: "true" if is_removed else ""})

    def _stored(self) -> bool:
        return bool(self._read().get(_KEY))
