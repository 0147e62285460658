"""The section about a further machine with GPUs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import markdown as md
from ..catalogue.profiles import instance_name
from ..shell import charms_command
from ..site.machines import Machine
from .deployment import local
from .lab import RunbookLab

# The form of a name with a number at its end.
_NUMBERED = re.compile(r"(.*?)([0-9]{1,6})", re.DOTALL)
_RUNTIME = "nvidia-runtime"
GPUS_OF_NODES = (
    "kubectl get nodes --output"
    r" 'custom-columns=NAME:.metadata.name,GPUS:.status.allocatable.nvidia\.com/gpu'"
)


def new_machine(lab: RunbookLab) -> Iterator[str]:
    """Yield how to add a machine with GPUs. A cluster without Juju gets its nodes elsewhere."""
    if not lab.workers:
        return
    name, lines = machine_entry(lab)
    yield (
        f"In MAAS, commission the machine and give it the tag {md.code(name)}, which no other"
        f" machine may have. Add the machine to {md.code(lab.files.site)}:"
    )
    yield md.yaml(*lines)
    if lab.site.groups:
        yield (
            "If the machine belongs to an entry of `groups`, make the range of that entry longer"
            " instead."
        )
    yield from _new_application(lab)
    yield "Check the site, look at what will change, and deploy it:"
    yield md.shell(
        lab.botlab("validate"),
        lab.botlab("preflight", "--maas", "MAAS"),
        lab.botlab("diff", "--live"),
        lab.botlab("deploy"),
    )
    yield "Check that the new node offers its GPUs to pods:"
    yield md.shell(GPUS_OF_NODES, lab.botlab("verify"))
    yield md.output("... checks, 0 failed")


def _new_application(lab: RunbookLab) -> Iterator[str]:
    """Yield what the first machine with GPUs needs besides its entry."""
    if lab.of_charms(_RUNTIME):
        return
    yield (
        "The lab has no machine with GPUs yet, so the deployment also adds the application"
        f" {md.code(_RUNTIME)}."
    )
    settings = lab.site.applications.get(_RUNTIME)
    if settings is None or settings.charm is None:
        yield "Write the charms of botlab, so that its charm is there:"
        yield md.shell(charms_command(local(lab.site.charms.own)))
    if lab.of_charms("k8s"):
        yield (
            "A charm that is related to a running `k8s` gets no CA certificate. Give"
            f" {md.code(_RUNTIME)} the option `kubeconfig` (see `botlab explain BL125`)."
        )


def machine_entry(lab: RunbookLab) -> tuple[str, list[str]]:
    """Return the name of the next machine with GPUs, and its entry in the site file."""
    model = _model_machine(lab)
    name = _next_name(model[0] if model else "gpu", set(lab.site.machines))
    machine = model[1] if model else Machine()
    lines = ["machines:", f"  {name}:", f"    tags: [{name}]", "    roles: [worker]"]
    if machine.workers:
        lines.append(f"    workers: {machine.workers}")
    if machine.architecture != "amd64":
        lines.append(f"    arch: {machine.architecture}")
    return name, [*lines, "    gpu: true", *_placement(lab, name, machine)]


def _placement(lab: RunbookLab, name: str, machine: Machine) -> Iterator[str]:
    """Yield the list of machines of the worker application, if the site has one."""
    worker = lab.facts.profile.worker if lab.facts.profile else ""
    application = instance_name(worker, machine.workers)
    settings = lab.site.applications.get(application)
    if settings and settings.to is not None:
        yield "applications:"
        yield f"  {application}:"
        yield f"    to: [{', '.join([*settings.to, name])}]"


def _model_machine(lab: RunbookLab) -> tuple[str, Machine] | None:
    """Return the last worker with GPUs, or the last worker; None without one."""
    workers = [entry for number, entry in lab.machines.items() if lab.workers_on(number)]
    with_gpus = [entry for entry in workers if entry[1].gpu]
    return next(iter([*reversed(with_gpus), *reversed(workers)]), None)


def _next_name(name: str, used: set[str]) -> str:
    match = _NUMBERED.fullmatch(name)
    start, number = (match[1], int(match[2]) + 1) if match else (name, 0)
    while f"{start}{number}" in used:
        number += 1
    return f"{start}{number}"
