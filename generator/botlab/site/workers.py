"""Worker applications with settings of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pydantic

from .applications import OptionValue
from .gpu import Driver
from .machines import Architecture, Machine
from .names import WORDS
from .object_names import LabelKey, LabelValue, Taint
from .section import Section
from .text_format import TextFormat

# The name is the last part of an application's name.
WorkersName = Annotated[
    str,
    TextFormat(
        rf"^{WORDS}$",
        "the name of worker machines",
        "use lower-case letters, digits and hyphens, with a letter in each word",
    ),
]

# The keys of an entry that its machines have, too, unless they set them themselves.
WORKER_DEFAULTS = ("constraints", "arch")


class Workers(Section):
    """A worker application with settings of its own."""

    arch: Architecture | None = pydantic.Field(
        default=None,
        description="Architecture of the machines that name none themselves.",
        examples=["arm64"],
    )
    constraints: str = pydantic.Field(
        default="",
        description="Juju constraints of the machines that have none themselves.",
        examples=["cores=32 mem=256G"],
    )
    gpu_model: LabelValue = pydantic.Field(
        default="",
        description="GPU model of the machines. The nodes get it as the label `gpu-model`, which"
        " pods can select.",
        examples=["A100"],
    )
    driver: Driver = pydantic.Field(
        default="",
        description="The NVIDIA driver of the machines, as in nvidia.driver. If it differs from"
        " that, these workers have an application nvidia-runtime of their own.",
        examples=["nvidia-headless-550-server"],
    )
    labels: dict[LabelKey, LabelValue] = pydantic.Field(
        default={}, description="Labels of the nodes.", examples=[{"pool": "training"}]
    )
    taints: list[Taint] = pydantic.Field(
        default=[],
        description="Taints of the nodes, as KEY=VALUE:EFFECT or KEY:EFFECT. A node gets them when"
        " it joins the cluster.",
        examples=[["nvidia.com/gpu=present:NoSchedule"]],
    )
    options: dict[str, OptionValue] = pydantic.Field(
        default={},
        description="Charm options of the worker application, as `juju config` accepts them.",
        examples=[{"ingress": False}],
    )


def with_worker_defaults(
    machines: Mapping[str, Machine], workers: Mapping[str, Workers]
) -> dict[str, Machine]:
    """Return the machines with the architecture and the constraints of their workers."""
    return {name: _with_defaults(machine, workers) for name, machine in machines.items()}


def _with_defaults(machine: Machine, workers: Mapping[str, Workers]) -> Machine:
    settings = workers.get(machine.workers)
    if settings is None:
        return machine
    changes: dict[str, Any] = {
        key: getattr(settings, key)
        for key in WORKER_DEFAULTS
        if getattr(settings, key) and not getattr(machine, key)
    }
    return machine.model_copy(update=changes) if changes else machine
