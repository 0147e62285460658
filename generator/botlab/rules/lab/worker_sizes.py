"""The sizes that a bundle asks of the workers' machines, compared with what Kubeflow needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...bundle.constraints import size_in_mib, split_constraints
from ...catalogue.kubeflow import Release
from ...findings import KeyPath
from .facts import POD_HOSTS, Facts

MIB_IN_GIB = 1 / 1024
_MIB_IN_GB = 1024**2 / 10**9
# CPUs, memory in GiB and disk in GB. None stands for a part without a constraint, of which a
# machine may have any amount.
Sizes = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class WorkerGroup:
    """Machines of workers that have the same constraints.

    Attributes:
        path: The key of the constraints.
        count: The number of machines.
        sizes: What each machine has at least.
    """

    path: KeyPath
    count: int
    sizes: Sizes


def worker_groups(facts: Facts) -> list[WorkerGroup]:
    """Return the machines that the bundle's workers run on."""
    names = [name for name, _ in facts.applications_of(*POD_HOSTS)]
    return [group for name in names for group in _groups(facts, name)]


def _groups(facts: Facts, name: str) -> Iterator[WorkerGroup]:
    application = facts.applications[name]
    placements = [unit.placement for unit in facts.units_of(name)]
    for placement in placements:
        machine = facts.bundle.machines.get(placement.machine)
        # A container gets at most what its machine has; nothing says how much that is.
        constraints = machine.constraints if machine and not placement.container else ""
        yield WorkerGroup(("machines", placement.machine, "constraints"), 1, _sizes(constraints))
    unplaced = application.num_units - len(placements)
    if unplaced > 0:  # Juju adds machines for these units, with the application's constraints.
        path = ("applications", name, "constraints")
        yield WorkerGroup(path, unplaced, _sizes(application.constraints))


def _sizes(constraints: str) -> Sizes:
    return sizes_of_words(dict(split_constraints(constraints)))


def sizes_of_words(words: Mapping[str, str]) -> Sizes:
    """Return the sizes that constraints, or Juju's description of a machine's hardware, name.

    Args:
        words: The values by name: ``cores`` or ``cpu-cores``, ``mem`` and ``root-disk``.
    """
    cores = words.get("cores") or words.get("cpu-cores") or ""
    memory, disk = (size_in_mib(words.get(key, "")) for key in ("mem", "root-disk"))
    return (
        # 0 asks for nothing. Nine digits are enough for the cores of any machine.
        float(cores[:9]) or None if cores.isascii() and cores.isdigit() else None,
        memory * MIB_IN_GIB if memory else None,
        disk * _MIB_IN_GB if disk else None,
    )


def can_suffice(release: Release, groups: list[WorkerGroup]) -> bool:
    """Return whether machines with these constraints may be large enough for a release."""
    if release.nodes.per_node:
        return any(_reaches(release, group.sizes) for group in groups)
    return _reaches(release, _total(groups))


def _reaches(release: Release, sizes: Sizes) -> bool:
    needs = (release.nodes.cpu, release.nodes.memory, release.nodes.disk)
    return all(size is None or size >= need for size, need in zip(sizes, needs, strict=True))


def _total(groups: list[WorkerGroup]) -> Sizes:
    def total(part: int) -> float | None:
        sizes = [(group.sizes[part], group.count) for group in groups]
        products = [size * count for size, count in sizes if size is not None]
        return sum(products) if len(products) == len(sizes) else None

    return (total(0), total(1), total(2))
