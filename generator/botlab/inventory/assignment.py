"""The machines of MAAS that can serve the machines of a bundle.

MAAS chooses a machine by the constraints that Juju passes on: tags, zones, architecture, cores,
memory (juju/juju provider/maas ``convertConstraints``). Disks are checked by MAAS alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from ..bundle.constraints import size_in_mib, split_constraints
from ..decimals import bounded_int, is_decimal
from .machines import MaasMachine


def unmet_constraints(constraints: str, machine: MaasMachine) -> list[str]:
    """Return the constraints that a machine of MAAS does not meet.

    Args:
        constraints: The constraints of a machine of the bundle.
        machine: The machine of MAAS. What its dump lacks counts as met.
    """
    return [
        f"{name}={value}"
        for name, value in split_constraints(constraints)
        if value and not _is_met(name, value, machine)
    ]


def _is_met(name: str, value: str, machine: MaasMachine) -> bool:
    if name == "tags":
        return all(_has_tag(tag, machine) for tag in value.split(","))
    if name == "zones":
        return not machine.zone or machine.zone in value.split(",")
    if name == "arch":
        return not machine.architecture or machine.architecture == value
    if name in ("cores", "cpu-cores"):
        needed = bounded_int(value) if is_decimal(value) else 0
        return not machine.cores or machine.cores >= needed
    if name == "mem":
        return not machine.memory or machine.memory >= (size_in_mib(value) or 0)
    return True


def _has_tag(tag: str, machine: MaasMachine) -> bool:
    if tag.startswith("^"):
        return tag[1:] not in machine.tags
    return tag in machine.tags


def assign(candidates: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give each machine of the bundle a machine of MAAS of its own, as far as possible.

    This finds a largest assignment (maximum bipartite matching by augmenting paths), so a machine
    stays without one only if no assignment can serve it beside all the others. Machines with the
    same list object as candidates are handled together, so that many alike take little time.

    Args:
        candidates: For each machine of the bundle, the machines of MAAS that can serve it.

    Returns:
        The machine of MAAS for each machine of the bundle that gets one.
    """
    assigned: dict[str, str] = {}
    owner: dict[str, str] = {}
    positions: dict[int, int] = {}
    for machine, hosts in candidates.items():
        free = _next_free(hosts, owner, positions)
        path = [(free, machine)] if free else _free_path(machine, candidates, owner)
        for host, user in path:
            assigned[user] = host
            owner[host] = user
    return assigned


def _next_free(
    hosts: Sequence[str], owner: Mapping[str, str], positions: dict[int, int]
) -> str | None:
    """Return the first machine of a list that has no user; None if there is none.

    Args:
        hosts: The list.
        owner: The user of each machine. A machine that has a user never loses it.
        positions: Where the search of each list ended before.
    """
    position = positions.get(id(hosts), 0)
    while position < len(hosts) and hosts[position] in owner:
        position += 1
    positions[id(hosts)] = position
    return hosts[position] if position < len(hosts) else None


def _free_path(
    start: str, candidates: Mapping[str, Sequence[str]], owner: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the machines of MAAS that change their user, so that one more machine has one.

    Args:
        start: The machine of the bundle that has none yet.
        candidates: As for :func:`assign`.
        owner: The machine of the bundle that each machine of MAAS serves so far.

    Returns:
        Pairs of a machine of MAAS and its new user; empty if there is no way.
    """
    came_from: dict[str, str] = {}
    searched: set[int] = set()
    queue = deque([start])
    while queue:
        machine = queue.popleft()
        hosts = candidates[machine]
        if id(hosts) in searched:
            continue
        searched.add(id(hosts))
        for host in hosts:
            if host in came_from:
                continue
            came_from[host] = machine
            if host not in owner:
                return _path_to(host, start, came_from, owner)
            queue.append(owner[host])
    return []


def _path_to(
    end: str, start: str, came_from: Mapping[str, str], owner: Mapping[str, str]
) -> list[tuple[str, str]]:
    former_hosts = {user: host for host, user in owner.items()} if came_from[end] != start else {}
    path = [(end, came_from[end])]
    while path[-1][1] != start:
        host = former_hosts[path[-1][1]]
        path.append((host, came_from[host]))
    return path
