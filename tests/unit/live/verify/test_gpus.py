"""The check of the GPUs in a model whose machines have other numbers than in the bundle."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from botlab.assessment import Request, assess
from botlab.live.lab import Lab, lab_of
from botlab.live.status.model import ModelStatus
from botlab.live.verify.gpus import gpu_check
from helpers.clusters import healthy_cluster
from helpers.live_models import ready_status

SITE = Path(__file__).parents[4] / "examples/modern/site.yaml"


def with_constraints(lab: Lab, numbers: dict[str, str]) -> ModelStatus:
    """Return the status of a ready model, with the constraints of other machines.

    Args:
        lab: The lab.
        numbers: The number of a machine in the bundle, by its number in the model.
    """
    status = ready_status(lab)
    machines = dict(status.machines)
    for name, number in numbers.items():
        machine = lab.bundle.machines[number]
        constraints = machine.constraints if machine else ""
        machines[name] = dataclasses.replace(machines[name], constraints=constraints)
    return dataclasses.replace(status, machines=machines)


def test_gpu_machine_is_recognised_by_its_tag() -> None:
    """Terraform adds machines and units in no fixed order. Here the machines 3 and 4 changed."""
    lab = lab_of(assess(Request(SITE)), "site")
    status = with_constraints(lab, {"3": "4", "4": "3"})

    # The cluster's only GPUs are on machine 4.
    check = gpu_check(healthy_cluster(lab, status).nodes(), lab, status)

    assert check.message.startswith("machine gpu0: node host-3 offers no nvidia.com/gpu")


def test_without_constraints_the_order_of_the_units_counts() -> None:
    lab = lab_of(assess(Request(SITE)), "site")
    status = ready_status(lab)

    assert gpu_check(healthy_cluster(lab, status).nodes(), lab, status).is_ok
