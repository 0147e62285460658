"""The size of the workers' machines, compared with what Kubeflow needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...inventory.machines import MaasMachine
from ...rules.lab.facts import POD_HOSTS, Facts
from ...rules.lab.options.installers import Installer, installers
from ...rules.lab.worker_sizes import MIB_IN_GIB, Sizes, WorkerGroup, can_suffice, sizes_of_words
from ..status.model import ModelStatus
from .check import Check, failed, passed, skipped

_MB_IN_GB = 1 / 1000
_UNKNOWN: Sizes = (None, None, None)
# Returns the sizes of a machine of the bundle.
MachineSizes = Callable[[str], Sizes]


def check_capacity(facts: Facts, sizes_of: MachineSizes) -> Iterator[Check]:
    """Check that the workers have the cores, memory and disk that Kubeflow needs.

    Args:
        facts: The bundle.
        sizes_of: Returns the sizes of a machine of the bundle.
    """
    groups = [
        WorkerGroup(("machines", unit.placement.machine), 1, sizes_of(unit.placement.machine))
        for name, _ in facts.applications_of(*POD_HOSTS)
        for unit in facts.units_of(name)
    ]
    for installer in installers(facts):
        yield _capacity_check(installer, groups)


def _capacity_check(installer: Installer, groups: list[WorkerGroup]) -> Check:
    nodes = installer.release.nodes
    needs = f"{nodes.cpu:g} CPUs, {nodes.memory:g} GiB of memory"
    needs += f" and {nodes.disk:g} GB of disk" if nodes.disk else ""
    whose = "one worker" if nodes.per_node else "the workers together"
    name = f"size for {installer.name}"
    if not groups or any(group.sizes == _UNKNOWN for group in groups):
        return skipped(
            name,
            f"Kubeflow {installer.release.name} needs {needs} on {whose}; the sizes of the"
            " machines are not known",
        )
    if can_suffice(installer.release, groups):
        return passed(name, f"the workers have {needs}")
    return failed(
        name,
        f"Kubeflow {installer.release.name} needs {needs} on {whose}, and the machines have"
        f" {_sizes_text(groups)}",
        "use larger machines or more of them as workers in the site file, or exclude components"
        " of Kubeflow",
    )


def _sizes_text(groups: list[WorkerGroup]) -> str:
    texts = [
        " / ".join(
            f"{size:.0f} {unit}"
            for size, unit in zip(group.sizes, ("CPUs", "GiB", "GB"), strict=True)
            if size is not None
        )
        for group in groups
    ]
    return ", ".join(dict.fromkeys(texts))


def sizes_in_maas(assigned: Mapping[str, str], hosts: Mapping[str, MaasMachine]) -> MachineSizes:
    """Return a function that gives the sizes of the machines that MAAS would choose.

    Args:
        assigned: The host for each machine of the bundle.
        hosts: The machines of MAAS by name.
    """

    def sizes_of(machine: str) -> Sizes:
        host = hosts.get(assigned.get(machine, ""))
        if host is None:
            return _UNKNOWN
        return (
            float(host.cores) or None,
            host.memory * MIB_IN_GIB or None,
            host.disk * _MB_IN_GB or None,
        )

    return sizes_of


def _hardware(status: ModelStatus, name: str) -> Mapping[str, str]:
    machine = status.machines.get(name)
    return machine.hardware if machine is not None else {}


def sizes_in_model(status: ModelStatus, machine_map: Mapping[str, str]) -> MachineSizes:
    """Return a function that gives the sizes of the machines of the model.

    Args:
        status: The state of the model.
        machine_map: The machine of the model for a machine of the bundle, where they differ.
    """

    def sizes_of(machine: str) -> Sizes:
        return sizes_of_words(_hardware(status, machine_map.get(machine, machine)))

    return sizes_of
