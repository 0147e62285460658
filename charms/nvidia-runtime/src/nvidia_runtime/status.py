"""The unit's status: its messages, and which of several errors decides."""

from typing import List, Optional, Sequence

from labcharm.errors import BlockedError, CharmError, WaitingError
from nvidia_runtime.host.driver import Driver
from nvidia_runtime.host.gpus import Gpu, usable
from nvidia_runtime.options import Options

# What follows a text that is too long for the status.
MORE = "... (run verify)"


def combine(errors: Sequence[Optional[CharmError]]) -> Optional[CharmError]:
    """Return one error for several: those that block decide, then those that may pass.

    Args:
        errors: The errors; None stands for a part that has none.
    """
    for kind in (BlockedError, WaitingError):
        messages = [str(error) for error in errors if isinstance(error, kind)]
        if messages:
            return kind("; ".join(messages))
    return None


def idle_message(gpus: List[Gpu]) -> str:
    """Return the message of a machine without a GPU that containers can use."""
    if not gpus:
        return "no GPU on this machine"
    uses = ", ".join(sorted({gpu.use for gpu in gpus}))
    return f"{_count(gpus)} left alone: {uses}"


def active_message(gpus: List[Gpu], driver: Driver, engine: str, options: Options) -> str:
    """Return the message of a machine that is set up.

    Args:
        gpus: All GPUs of the machine.
        driver: The driver.
        engine: The engine's name.
        options: The charm's options.
    """
    count = _count(usable(gpus))
    driver_part = f"driver {driver.versions.module}"
    parts = [count, "driver not checked" if options.driver == "none" else driver_part]
    role = "the default runtime" if options.default_runtime else "a runtime"
    parts.append(f"nvidia is {role} of {engine}")
    return ", ".join(parts)


def _count(gpus: List[Gpu]) -> str:
    return f"{len(gpus)} GPU{'' if len(gpus) == 1 else 's'}"
