"""Get the access to the cluster of a lab, and where to write it."""

from __future__ import annotations

from pathlib import Path

from ..errors import CallTimedOutError, DeadlineError
from ..lab import Lab
from ..live_model import LiveModel
from ..time_limits import Deadline
from .entries import Owner
from .fetch import fetch_kubeconfig, source_of_kubeconfig
from .model import Kubeconfig
from .reader import read_kubeconfig

_NO_DEADLINE = 300.0


def obtain_kubeconfig(model: LiveModel, lab: Lab, deadline: Deadline) -> tuple[Kubeconfig, Owner]:
    """Return the access to the cluster of a lab, and the mark for its entries in a file.

    Args:
        model: The model of the lab.
        lab: The lab.
        deadline: When to stop waiting for the control plane.

    Raises:
        DeadlineError: When the control plane does not answer before the deadline.
        LiveError: When the control plane gives no kubeconfig that can be used.
    """
    status = model.status()
    remaining = deadline.remaining
    seconds = _NO_DEADLINE if remaining is None else max(1.0, remaining)
    try:
        text = fetch_kubeconfig(model, lab, seconds)
    except CallTimedOutError as error:
        raise DeadlineError(f"{error.message}; allow more time with --timeout") from None
    kubeconfig = read_kubeconfig(text, source_of_kubeconfig(lab))
    return kubeconfig, Owner(lab.name, f"{status.controller}:{status.name}")


def kubeconfig_file(file: Path, lab: Lab) -> Path:
    """Return the file of a lab's kubeconfig, beside its site or bundle."""
    return file.with_name(f"{lab.name}.kubeconfig")
