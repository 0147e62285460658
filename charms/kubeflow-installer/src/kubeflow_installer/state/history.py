"""What the application remembers in Juju, because a cluster without Kubeflow cannot show it.

Juju stores data only when a hook or an action has ended well, but changes of the cluster take
effect at once. If an agent is killed in between, Juju has not stored what the hook wrote. For this
reason the history never says what is on the cluster; the stored state does (`state.store`). The
history only says that Kubeflow was installed before, so that no hook undoes an uninstall.
"""

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:  # labcharm.compat imports ops, which workload code does without
    from labcharm.compat import LeaderData

# Keys of the leader's data. Revisions of the charm up to 0.1 wrote the second one alone.
_INSTALLED, _REMOVED = "installed", "removed"


class History:
    """Whether Kubeflow was installed before, and whether it was uninstalled since.

    Args:
        data: The data that the leader stores for all units.
    """

    def __init__(self, data: "LeaderData") -> None:
        self._data = data
        self._is_stored: Optional[bool] = None

    def is_stored(self) -> bool:
        """Return whether an earlier hook has stored that Kubeflow was installed.

        What this hook writes does not count, because it is lost if the agent is killed.
        """
        if self._is_stored is None:
            stored = self._data.read()
            self._is_stored = bool(stored.get(_INSTALLED) or stored.get(_REMOVED))
        return self._is_stored

    def is_uninstalled(self) -> bool:
        """Return whether an uninstall was recorded; the cluster may have changed since."""
        return bool(self._data.read().get(_REMOVED))

    def record_installed(self) -> None:
        """Record that Kubeflow, or a part of it, is on the cluster."""
        self._record("")

    def record_uninstalled(self) -> None:
        """Record that Kubeflow was uninstalled."""
        self._record("true")

    def forget(self) -> None:
        """Record that Kubeflow is to be installed, as by a new application."""
        self._record("", installed="")

    def _record(self, removed: str, installed: str = "true") -> None:
        self.is_stored()  # reads it before it changes
        self._data.write({_INSTALLED: installed, _REMOVED: removed})
