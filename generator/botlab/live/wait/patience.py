"""When further waiting is pointless.

A unit that is blocked or has failed is normal for a while: charms of the store are blocked until
their relations exist, and Juju runs a failed hook again, after 5 seconds at first and after at
most 5 minutes later (retrystrategy of the uniter). Therefore there are two rules:

- Something that has been in an error for ``FAILED_SECONDS`` without a break ends the wait, even
  if other parts still make progress. In this time Juju runs a failed hook about seven times.
- Something that is blocked ends the wait after ``QUIET_SECONDS`` in which nothing else of the lab
  was busy and nothing changed. In this time each charm runs its hook update-status about twice,
  and so looks at its surroundings again.

A unit that only waits never ends the wait. A hook that ends within ``HOOK_SECONDS`` in the state
in which it began is neither work nor a break: a charm may set "maintenance" in each of its hooks.
The times begin with the command, and begin again after the controller was out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass

from .missing import Activity, Missing, joined_names
from .readiness import Readiness

FAILED_SECONDS = 600
QUIET_SECONDS = 600
HOOK_SECONDS = 120

_Key = tuple[str, str]


@dataclass(slots=True)
class _Memory:
    """What is remembered of a part that is not ready.

    Attributes:
        stable: The last state in which its agent was idle; None if it was never idle.
        seen: When that state was observed last.
        failed_since: When its error was observed first; None if it has no error.
    """

    stable: Missing | None = None
    seen: float = 0
    failed_since: float | None = None


class Patience:
    """Observes what is missing, and decides when to stop."""

    def __init__(self) -> None:
        self._memories: dict[_Key, _Memory] = {}
        self._picture: dict[_Key, Missing | None] = {}
        self._quiet_since: float | None = None

    def forget(self) -> None:
        """Begin all times again, because the model could not be observed."""
        self._memories, self._picture, self._quiet_since = {}, {}, None

    def observe(self, readiness: Readiness, now: float) -> None:
        """Remember what is missing.

        Args:
            readiness: What is missing now.
            now: The time in seconds.
        """
        memories: dict[_Key, _Memory] = {}
        for missing in readiness.missing:
            key = missing.kind, missing.name
            memories[key] = _updated(self._memories.get(key, _Memory()), missing, now)
        self._memories = memories
        picture = {key: memory.stable for key, memory in memories.items()}
        is_busy = any(
            memory.stable is None or memory.stable.activity is Activity.WORKING
            for memory in memories.values()
        )
        if is_busy or picture != self._picture:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        self._picture = picture

    def reason(self, now: float) -> str:
        """Return why further waiting is pointless; empty while it is not.

        Args:
            now: The time in seconds.
        """
        failed = self._failed(now)
        if failed:
            minutes = FAILED_SECONDS // 60
            return f"an error without a break for {minutes} minutes: {joined_names(failed)}"
        blocked = [
            missing for missing in self._stable_parts() if missing.activity is Activity.BLOCKED
        ]
        is_quiet = self._quiet_since is not None and now - self._quiet_since >= QUIET_SECONDS
        if blocked and is_quiet:
            return (
                f"a person must act, and nothing has changed for {QUIET_SECONDS // 60} minutes:"
                f" {joined_names(blocked)}"
            )
        return ""

    def _failed(self, now: float) -> list[Missing]:
        return [
            memory.stable
            for memory in self._memories.values()
            if memory.stable
            and memory.failed_since is not None
            and now - memory.failed_since >= FAILED_SECONDS
        ]

    def _stable_parts(self) -> list[Missing]:
        return [memory.stable for memory in self._memories.values() if memory.stable]


def _updated(memory: _Memory, missing: Missing, now: float) -> _Memory:
    if missing.is_busy and memory.stable and now - memory.seen <= HOOK_SECONDS:
        return memory
    if missing.is_busy:
        return _Memory(None, now)
    failed_since = memory.failed_since if memory.failed_since is not None else now
    is_failed = missing.activity is Activity.FAILED
    return _Memory(missing, now, failed_since if is_failed else None)
