"""Rules about GPU machines and the charm nvidia-runtime."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity
from ..facts import Facts
from ..rule import PLACEMENT_KEYS, Violation, rule

# The value of gpu.stack with which the worker's charm installs the GPU stack.
_BY_WORKER = "worker"


@rule("BL052", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def gpu_machine_without_runtime(facts: Facts) -> Iterator[Violation]:
    """Yield the GPU machines of a site on which no unit of nvidia-runtime runs."""
    if facts.site is None or facts.site.gpu.stack.value == _BY_WORKER:
        return
    principals = set(_principals(facts, facts.names_by_charm.get("nvidia-runtime", [])))
    for number, (name, machine) in enumerate(facts.site.machines.items()):
        applications = facts.units_by_machine.get(str(number), {})
        if machine.gpu and not principals & applications.keys():
            yield Violation(
                ("machines", name, "gpu"),
                f"{name} has a GPU, but no application on it is related to nvidia-runtime",
                "give it the role worker and keep nvidia-runtime, or set gpu.stack: worker",
                in_site=True,
            )


def _principals(facts: Facts, subordinates: list[str]) -> Iterator[str]:
    """Yield the applications on whose machines the subordinates run."""
    for relation in facts.relations:
        for own, other in (relation.ends, reversed(relation.ends)):
            endpoint = facts.endpoint(own)
            # A relation of global scope, such as kube-control, does not place any unit.
            is_container = endpoint is None or endpoint.scope == "container"
            if own.application in subordinates and is_container:
                yield other.application


@rule("BL071", Severity.WARNING)
def unused_nvidia_settings(facts: Facts) -> Iterator[Violation]:
    """Yield the section `nvidia` of a site that does not deploy nvidia-runtime."""
    site = facts.site
    if site is None or site.nvidia == type(site.nvidia)():
        return
    has_gpu = any(machine.gpu for machine in site.machines.values())
    if not has_gpu or site.gpu.stack.value == _BY_WORKER:
        reason = "gpu.stack is worker" if has_gpu else "no machine has gpu: true"
        yield Violation(
            ("nvidia",),
            f"the section nvidia has no effect, because {reason}",
            "remove the section, or let nvidia-runtime manage the GPU stack (gpu.stack: charm)",
            in_site=True,
        )
