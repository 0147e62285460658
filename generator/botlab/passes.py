"""The order of entries that wait for each other, as repeated passes over their list give it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping


def in_passes(requirements: Mapping[str, Iterable[str]]) -> list[str]:
    """Return names in the order in which repeated passes over them take them.

    A pass takes each name whose required names are taken, including those that the same pass
    takes. The passes end with the first one that takes no name. They are not really made, since
    a chain of names would need as many passes as it has names.

    Args:
        requirements: The names in the order of a pass, with the names that each one requires.

    Returns:
        The names without those that wait for each other, or for a name that does not exist.
    """
    names = [*requirements]
    missing: list[int] = []
    waiting: dict[str, list[int]] = {}
    for position, required in enumerate(map(set, requirements.values())):
        missing.append(len(required))
        for name in required:
            waiting.setdefault(name, []).append(position)
    # Pairs of a pass and a position. A sorted list is a heap.
    ready = [(0, position) for position, count in enumerate(missing) if not count]
    taken: list[str] = []
    while ready:
        number, position = heapq.heappop(ready)
        taken.append(names[position])
        for waiter in waiting.get(names[position], ()):
            missing[waiter] -= 1
            if not missing[waiter]:
                heapq.heappush(ready, (number + (waiter < position), waiter))
    return taken
