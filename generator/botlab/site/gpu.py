"""The GPU stack of a site."""

from __future__ import annotations

import enum
from typing import Annotated

import pydantic

from .section import Section
from .text_format import TextFormat

# A package name of Debian Policy, section 5.6.1, which has a letter in the names of all drivers.
Driver = Annotated[
    str,
    TextFormat(
        r"^((?=[^=]*[a-z])[a-z0-9][a-z0-9+.-]+(=\S+)?)?$",
        "a driver",
        "write auto, host, none or the name of a package, such as nvidia-headless-580-server",
    ),
]


class GpuStack(enum.Enum):
    """Who installs the driver, the container toolkit and the runtime on GPU machines."""

    CHARM = "charm"
    WORKER = "worker"


class Gpu(Section):
    """Who installs the GPU stack."""

    stack: GpuStack = pydantic.Field(
        default=GpuStack.CHARM,
        description="Who installs the GPU stack. With the value charm, nvidia-runtime installs it,"
        " and the worker charm does not. With the value worker, the worker charm installs it, in"
        " package versions that fit together.",
    )


class Nvidia(Section):
    """Driver and container runtime of the GPU machines (charm nvidia-runtime)."""

    driver: Driver = pydantic.Field(
        default="auto",
        description="The NVIDIA driver: auto (install the driver that the distribution recommends,"
        " unless a driver is installed), host (use the installed driver), none (ignore the"
        " driver), or the name of a package, optionally with =VERSION.",
        examples=["nvidia-headless-580-server"],
    )
    default_runtime: bool = pydantic.Field(
        default=True, description="Whether `nvidia` is the default container runtime."
    )
    pins: dict[str, str] = pydantic.Field(
        default={},
        description="Versions of packages to install, by package name.",
        examples=[{"nvidia-container-toolkit": "1.20.0-1"}],
    )
