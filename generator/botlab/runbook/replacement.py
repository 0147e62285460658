"""The section about the replacement of a machine."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..rules.lab.facts import Unit
from ..shell import juju_command
from .lab import RunbookLab, unit_name

# kubectl has another name for the option from 1.20 on (its CHANGELOG).
_RENAMED_AT = (1, 20)
# What a charm loses with its last unit, so that another unit must be there first.
_MOVED_FIRST = ("easyrsa", "kubeapi-load-balancer", "metallb", "kubeflow-installer")


def drain(lab: RunbookLab) -> str:
    """Return the command that moves the pods of a node to other nodes."""
    is_old = lab.kubernetes is not None and lab.kubernetes < _RENAMED_AT
    data = "--delete-local-data" if is_old else "--delete-emptydir-data"
    return f"kubectl drain NODE --ignore-daemonsets {data}"


def replacement(lab: RunbookLab) -> Iterator[str]:
    """Yield how to replace a machine: an example, and what other units need."""
    number = example_machine(lab)
    name, _ = lab.machines[number]
    yield (
        "Juju finds a machine again by its tag. Remove the old machine, give its tag to the new"
        " one, and deploy the same site file. This section uses the machine"
        f" {md.code(name)} (number {number}) as the example. If the machine has failed, leave out"
        " the commands that need it."
    )
    yield from _preparation(lab, number)
    yield from _removal(lab, number)
    yield from _new(lab, number)
    yield from _special_units(lab)


def example_machine(lab: RunbookLab) -> str:
    """Return the machine for the example: the last worker with GPUs, the last worker, or any."""

    def rank(number: str) -> tuple[bool, bool, int]:
        machine = lab.machines[number][1]
        is_worker = bool(lab.workers_on(number))
        return is_worker and machine.gpu, is_worker, int(number)

    return max(lab.machines, key=rank)


def _preparation(lab: RunbookLab, number: str) -> Iterator[str]:
    if not lab.workers_on(number):
        return
    yield (
        "Find the node of the machine by its address, and move its pods to other nodes. Write its"
        " name for `NODE`:"
    )
    yield md.shell("kubectl get nodes --output wide", drain(lab))


def _removal(lab: RunbookLab, number: str) -> Iterator[str]:
    units = [unit for unit in lab.units_on(number) if not _moves(lab, unit.application)]
    special = [unit for unit in lab.units_on(number) if _is_special(lab, unit)]
    if special:
        names = md.codes(map(unit_name, special))
        yield f"First move or save what is on the machine, as described below: {names}."
    if units:
        yield "Remove its units, and wait until `juju status` does not show them any more:"
        yield md.shell(juju_command("remove-unit", *map(unit_name, units)))
    yield (
        "Remove the machine, unless Juju has done that with its last unit. For a machine that has"
        " failed, add `--force`:"
    )
    yield md.shell(juju_command("remove-machine", number))
    if lab.workers_on(number):
        yield "Remove the node from the cluster, if it is still in the list:"
        yield md.shell("kubectl delete node NODE --ignore-not-found")


def _is_special(lab: RunbookLab, unit: Unit) -> bool:
    """Return whether a unit cannot simply be removed."""
    name = unit.application
    is_only = len(lab.units_of(name)) == 1
    return _has_data(lab, name) or (is_only and name not in lab.workers)


def _has_data(lab: RunbookLab, name: str) -> bool:
    """Return whether an application has the data of claims."""
    return name in lab.nfs_servers


def _new(lab: RunbookLab, number: str) -> Iterator[str]:
    name, machine = lab.machines[number]
    tags = md.codes(machine.tags) or "the tags that the site file names"
    yield (
        f"In MAAS, give the new machine the tag {tags}, and take the tag away from the old one. If"
        f" the new machine has other addresses, write them into {md.code(lab.files.site)}"
        f" (machine {md.code(name)}). Then deploy the site. This adds the machine with all its"
        " units:"
    )
    yield md.shell(
        lab.botlab("validate"),
        lab.botlab("preflight", "--maas", "MAAS"),
        lab.botlab("deploy"),
        lab.botlab("diff", "--live"),
    )
    yield md.output("No differences.")


def _special_units(lab: RunbookLab) -> Iterator[str]:
    rows = [row for name in lab.applications for row in _special_rows(lab, name)]
    if rows:
        yield "These applications need more before you remove their machine:"
        yield md.table(("application", "what to do first"), rows)
    moved = [name for name in lab.applications if _moves(lab, name)]
    if moved:
        yield (
            "To move the only unit of an application, add a second one on another machine. The"
            " numbers after `--to` are examples:"
        )
        yield md.shell(*(_second_unit(lab, name) for name in moved))
        yield "Remove the old units when `juju status` shows the new ones as active:"
        yield md.shell(
            juju_command("remove-unit", *(unit_name(lab.units_of(n)[0]) for n in moved))
        )
        yield (
            "`botlab deploy` moves the units back when the machine has been replaced, because the"
            " site file says where they belong."
        )


def _moves(lab: RunbookLab, name: str) -> bool:
    is_movable = lab.facts.charm_name(name) in _MOVED_FIRST
    return is_movable and len(lab.units_of(name)) == 1 and len(lab.machines) > 1


def _second_unit(lab: RunbookLab, name: str) -> str:
    placement = lab.units_of(name)[0].placement
    others = [number for number in lab.machines if number != placement.machine]
    container = f"{placement.container}:" if placement.container else ""
    return juju_command("add-unit", name, options=("--to", f"{container}{others[0]}"))


def _special_rows(lab: RunbookLab, name: str) -> Iterator[tuple[str, str]]:
    text = _advice(lab, name)
    if text:
        yield md.code(name), text


def _advice(lab: RunbookLab, name: str) -> str:
    charm, count = lab.facts.charm_name(name), len(lab.units_of(name))
    if charm == "etcd" or name in lab.control_planes:
        if count == 1:
            return "It has a single unit: make a backup, and restore it on the new machine."
        return "Replace one machine after the other. More than half of the units must work."
    if _has_data(lab, name):
        return (
            "It has the data of the claims: make a backup. The new machine needs the address of"
            " the old one, because volumes name it. Restore the data after the deployment."
        )
    if charm == "kubeapi-load-balancer" and _moves(lab, name):
        return (
            "Move its unit, as shown below. The cluster then has another address: write the"
            " kubeconfig again."
        )
    if _moves(lab, name):
        return "Move its unit, as shown below. Otherwise Juju removes what it provides."
    return ""
