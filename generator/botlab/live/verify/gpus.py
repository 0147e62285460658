"""The check of the GPUs: every GPU machine of the site offers them to pods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..advice import ssh_command
from ..cluster.model import GPU_RESOURCE, Node
from ..comparison.machines import pairs_by_constraints
from ..lab import Lab
from ..status.model import ModelStatus, UnitStatus
from .nodes import node_of_unit
from .report import Check

_NAME = "gpus"


def gpu_check(nodes: Sequence[Node], lab: Lab, status: ModelStatus) -> Check:
    """Return the check that every GPU machine of the site has GPUs that pods can use."""
    problems = [*_machine_problems(nodes, lab, status), *_unhealthy(nodes, status)]
    if problems:
        return Check(_NAME, False, "; ".join(problems))
    offers = [f"{node.name}: {node.gpu_allocatable}" for node in nodes if node.gpu_allocatable]
    if offers:
        return Check(_NAME, True, f"allocatable {GPU_RESOURCE}: {', '.join(offers)}")
    return Check(_NAME, True, "the site names no machine with a GPU, and no node has one")


def _machine_problems(nodes: Sequence[Node], lab: Lab, status: ModelStatus) -> Iterator[str]:
    for name, number in lab.gpu_machines.items():
        units = list(_worker_units(lab, status, number))
        node = next((node for unit in units if (node := node_of_unit(unit, status, nodes))), None)
        if not units:
            yield f"machine {name} of the site has a GPU, but no worker unit is on it"
        elif node is None:
            yield f"machine {name}: its worker {units[0].name} is no node of the cluster"
        elif not node.gpu_allocatable:
            yield (
                f"machine {name}: node {node.name} offers no {GPU_RESOURCE}; see the checks of"
                f" nvidia-runtime on machine {units[0].machine}, and the device plugin:"
                " kubectl get pods -n kube-system -o wide"
            )


def _worker_units(lab: Lab, status: ModelStatus, number: str) -> Iterator[UnitStatus]:
    """Yield the units of the model that the bundle places on a machine as workers.

    Units and machines of a model can have other numbers than in its bundle. A machine is
    recognised by its constraints, such as its tag. Otherwise the order of the units counts, which
    is that of the bundle unless Terraform added them.
    """
    workers = lab.workers
    machine = dict(pairs_by_constraints(lab.bundle, status)).get(number)
    if machine:
        units = status.units.values()
        yield from (u for u in units if u.machine == machine and u.application in workers)
        return
    for application, placed in lab.facts.units_by_machine.get(number, {}).items():
        observed = status.applications.get(application)
        names = observed.units if observed else ()
        if application not in workers:
            continue
        for unit in placed:
            if unit.number < len(names) and names[unit.number] in status.units:
                yield status.units[names[unit.number]]


def _unhealthy(nodes: Sequence[Node], status: ModelStatus) -> Iterator[str]:
    for node in nodes:
        broken = node.gpu_capacity - node.gpu_allocatable
        if node.gpu_allocatable and broken > 0:
            yield (
                f"node {node.name}: {broken} of {node.gpu_capacity} GPUs are not healthy; see"
                f" {ssh_command(status, 'UNIT', 'nvidia-smi')} on its machine"
            )
