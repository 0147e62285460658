"""The GPU stack of a site."""

from __future__ import annotations

import enum

import pydantic

from .section import Section


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

    driver: str = pydantic.Field(
        default="auto",
        description="The NVIDIA driver: auto (install the driver that the distribution recommends,"
        " unless a driver is installed), host (use the installed driver), none (ignore the"
        " driver), or the name of a package, optionally with =VERSION.",
        examples=["nvidia-headless-450-server"],
    )
    default_runtime: bool = pydantic.Field(
        default=True, description="Whether `nvidia` is the default container runtime."
    )
    pins: dict[str, str] = pydantic.Field(
        default={},
        description="Versions of packages to install, by package name.",
        examples=[{"nvidia-container-runtime": "2.0.0+docker18.09.1-1"}],
    )
