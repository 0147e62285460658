"""The choice of a backend, and the connection to a model."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ClientMissingError
from .live_model import LiveModel

BACKENDS = ("auto", "client", "libjuju")


@dataclass(frozen=True, slots=True)
class Target:
    """The model to connect to.

    Attributes:
        model: The name of the model; empty for the current model of the juju client.
        controller: The name of the controller; empty for the current one.
        backend: One of ``BACKENDS``. ``auto`` takes the client if it is installed.
    """

    model: str = ""
    controller: str = ""
    backend: str = "auto"


def connect(target: Target) -> LiveModel:
    """Connect to a model.

    Args:
        target: The model and the backend.

    Raises:
        LiveError: When no backend is installed, or the controller or the model cannot be used.
    """
    raise ClientMissingError(f"no backend for {target}")
