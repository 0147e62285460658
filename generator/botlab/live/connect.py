"""The choice of a backend, and the connection to a model."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from dataclasses import dataclass
from typing import cast

from ..errors import BotlabError
from .errors import ClientMissingError, ControllerMissingError
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

    A backend is imported only when it is chosen, because that takes time, and because
    python-libjuju is an optional dependency.

    Args:
        target: The model and the backend.

    Raises:
        LiveError: When no backend is installed, or the controller or the model cannot be used.
        BotlabError: When the target contradicts itself.
    """
    _check(target)
    if _backend(target) == "libjuju":
        return _connect_libjuju(target)
    from .client.open import open_client_model

    return open_client_model(target.model, target.controller)


def _backend(target: Target) -> str:
    if target.backend != "auto":
        return target.backend
    if shutil.which("juju"):
        return "client"
    if importlib.util.find_spec("juju") is not None:
        return "libjuju"
    raise ClientMissingError(
        "neither the juju client nor python-libjuju is installed; install the client with `sudo"
        " snap install juju`"
    )


def _connect_libjuju(target: Target) -> LiveModel:
    try:
        module = importlib.import_module(".libjuju.connect", __package__)
    except ImportError as error:
        raise ClientMissingError(
            f"--backend libjuju: python-libjuju cannot be imported ({error}); install it with `pip"
            " install 'botlab[libjuju36]'` (Juju 3) or `'botlab[libjuju29]'` (Juju 2.9), or use"
            " --backend client"
        ) from error
    return cast(LiveModel, module.connect_libjuju(target))


def _check(target: Target) -> None:
    prefix, colon, _ = target.model.partition(":")
    if target.model.startswith("-") or target.controller.startswith("-"):
        raise ControllerMissingError(
            "--model and --controller: a name cannot begin with '-'; juju models lists the models"
        )
    if colon and target.controller and prefix != target.controller:
        raise BotlabError(
            f"--model {target.model} is on controller {prefix}, but --controller names"
            f" {target.controller}; name the controller once"
        )
