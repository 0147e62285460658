"""What a bundle asks of its workers' machines, held against what Kubeflow needs of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...bundle.constraints import size_in_mib, split_constraints
from ...catalogue.kubeflow import Release
from ...findings import KeyPath
from .facts import Facts

_GIB_OF_MIB = 1 / 1024
_GB_OF_MIB = 1024**2 / 10**9
# CPUs, memory in GiB and disk in GB; None where nothing is asked, so that any amount may come.
Parts = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of each of some machines that carry a worker, and where it is asked."""

    path: KeyPath
    count: int
    parts: Parts


def asked_of_workers(facts: Facts) -> list[Asked]:
    """List what the bundle asks of the machines that carry workers."""
    return [asked for name, _ in facts.named("kubernetes-worker") for asked in _of(facts, name)]


def _of(facts: Facts, name: str) -> Iterator[Asked]:
    application = facts.applications[name]
    placed = [unit.placement for unit in facts.units if unit.application == name]
    for place in placed:
        machine = facts.bundle.machines.get(place.machine)
        # What a container gets is its machine's or less, and nobody has said how much.
        text = machine.constraints if machine and not place.container else ""
        yield Asked(("machines", place.machine, "constraints"), 1, _parts(text))
    rest = application.num_units - len(placed)
    if rest > 0:  # machines that Juju adds take the application's
        path = ("applications", name, "constraints")
        yield Asked(path, rest, _parts(application.constraints))


def _parts(constraints: str) -> Parts:
    words = dict(split_constraints(constraints))
    cores = words.get("cores") or words.get("cpu-cores") or ""
    memory, disk = (size_in_mib(words.get(key, "")) for key in ("mem", "root-disk"))
    return (
        # 0 asks for nothing; and no machine has cores of ten digits, whatever Juju would take.
        float(cores[:9]) or None if cores.isascii() and cores.isdigit() else None,
        memory * _GIB_OF_MIB if memory else None,
        disk * _GB_OF_MIB if disk else None,
    )


def enough(release: Release, asked: list[Asked]) -> bool:
    """Tell whether machines as asked for may do for a release."""
    if release.nodes.per_node:
        return any(_suffice(release, one.parts) for one in asked)
    return _suffice(release, _together(asked))


def _suffice(release: Release, parts: Parts) -> bool:
    need = (release.nodes.cpu, release.nodes.memory, release.nodes.disk)
    return all(part is None or part >= least for part, least in zip(parts, need, strict=True))


def _together(asked: list[Asked]) -> Parts:
    def total(index: int) -> float | None:
        found = [(one.parts[index], one.count) for one in asked]
        known = [part * count for part, count in found if part is not None]
        return sum(known) if len(known) == len(found) else None

    return (total(0), total(1), total(2))
