"""Rules about the entries of `workers` of a site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....findings import Severity, Suggestions, similar, use_one_of
from ....site.roles import Role
from ..facts import Facts
from ..rule import Violation, rule

if TYPE_CHECKING:
    from ....site.machines import Machine

_NVIDIA_TAINT = "nvidia.com/gpu"
# Looking for similar names takes long.
_MOST_MISTYPED = 100


@rule("BL140", Severity.ERROR, depends_on=("workers.*",))
def unknown_workers(facts: Facts) -> Iterator[Violation]:
    """Yield the machines whose entry of `workers` does not exist."""
    entries = facts.site.workers if facts.site else {}
    suggestions, choices = Suggestions(), use_one_of([*entries])
    for name, machine in facts.site.machines.items() if facts.site else ():
        if machine.workers and machine.workers not in entries:
            fix = f"add workers: {{{machine.workers}: {{}}}}"
            if entries:
                fix = suggestions.suggest(machine.workers, entries, choices)
            yield Violation(
                ("machines", name, "workers"),
                f"{name} names the workers {machine.workers}, which the section workers does not"
                " have",
                fix,
                in_site=True,
            )


@rule("BL141", Severity.ERROR, depends_on=("machines.*.roles",))
def workers_without_role(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that name workers, but do not have the role worker."""
    for name, machine in facts.site.machines.items() if facts.site else ():
        if machine.workers and Role.WORKER not in machine.roles:
            yield Violation(
                ("machines", name, "workers"),
                f"{name} names the workers {machine.workers}, but does not have the role worker",
                _worker_role_fix(machine, facts),
                in_site=True,
            )


def _worker_role_fix(machine: Machine, facts: Facts) -> str:
    """Return how to give a machine the role worker, which not every control plane can have."""
    runs_pods = facts.profile is not None and facts.profile.control_plane_runs_pods
    if runs_pods and Role.CONTROL_PLANE in machine.roles:
        return "remove the key workers; pods run on the control plane's machines, too"
    roles = ", ".join([*(role.value for role in machine.roles), Role.WORKER.value])
    return f"write roles: [{roles}], or remove the key workers"


@rule("BL142", Severity.WARNING, depends_on=("machines.*.workers", "machines.*.roles"))
def workers_without_machines(facts: Facts) -> Iterator[Violation]:
    """Yield the entries of `workers` that no machine names, not even with a typing error."""
    used = _machines(facts).keys() | _mistyped_entries(facts)
    for entry in facts.site.workers if facts.site else ():
        if entry not in used:
            yield Violation(
                ("workers", entry),
                f"no machine has workers: {entry}, so the bundle has no such application",
                f"write workers: {entry} for the machines, or remove the entry",
                in_site=True,
            )


@rule("BL143", Severity.ERROR, depends_on=("machines.*.arch", "machines.*.constraints"))
def workers_of_other_architecture(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that are not of the architecture of their entry of `workers`."""
    machines = _machines(facts)
    for entry, settings in facts.site.workers.items() if facts.site else ():
        for name, machine in machines.get(entry, {}).items():
            if settings.arch and machine.architecture != settings.arch.value:
                yield Violation(
                    ("machines", name, "arch"),
                    f"{name} is an {machine.architecture} machine, but workers.{entry}.arch is"
                    f" {settings.arch.value}",
                    "remove one of the two keys, or give the machine other workers",
                    in_site=True,
                )


@rule("BL144", Severity.WARNING, depends_on=("machines.*.gpu",))
def gpu_settings_without_gpu(facts: Facts) -> Iterator[Violation]:
    """Yield the GPU settings of entries of `workers` whose machines have no GPU."""
    all_machines = _machines(facts)
    for entry, settings in facts.site.workers.items() if facts.site else ():
        machines = all_machines.get(entry)
        if machines and not any(machine.gpu for machine in machines.values()):
            for key in ("gpu-model", "driver"):
                if getattr(settings, key.replace("-", "_")):
                    yield Violation(
                        ("workers", entry, key),
                        f"workers.{entry}.{key} is set, but no machine of {entry} has gpu: true",
                        f"write gpu: true for the machines with GPUs, or remove {key}",
                        in_site=True,
                    )


@rule("BL145", Severity.WARNING)
def taint_without_device_plugin(facts: Facts) -> Iterator[Violation]:
    """Yield the taints of GPU workers that NVIDIA's device plugin does not tolerate."""
    machines = _machines(facts)
    for entry, settings in facts.site.workers.items() if facts.site else ():
        has_gpu = any(machine.gpu for machine in machines.get(entry, {}).values())
        for index, taint in enumerate(settings.taints if has_gpu else ()):
            head, _, effect = taint.rpartition(":")
            is_tolerated = effect == "PreferNoSchedule" or (
                effect == "NoSchedule" and head.partition("=")[0] == _NVIDIA_TAINT
            )
            if not is_tolerated:
                yield Violation(
                    ("workers", entry, "taints", index),
                    f"NVIDIA's device plugin does not tolerate the taint {taint}, so the nodes of"
                    f" {entry} offer no GPUs",
                    f"write {_NVIDIA_TAINT}=present:NoSchedule, which the device plugin tolerates",
                    in_site=True,
                )


def _mistyped_entries(facts: Facts) -> set[str]:
    """Return the entries of `workers` that BL140 suggests for other names."""
    entries = facts.site.workers if facts.site else {}
    unknown = [word for word in _machines(facts) if word not in entries]
    return {entry for word in unknown[:_MOST_MISTYPED] for entry in similar(word, entries)}


def _machines(facts: Facts) -> dict[str, dict[str, Machine]]:
    """Return the machines of each entry of `workers` that machines name, by name."""
    machines: dict[str, dict[str, Machine]] = {}
    for name, machine in facts.site.machines.items() if facts.site else ():
        if machine.workers:
            machines.setdefault(machine.workers, {})[name] = machine
    return machines
