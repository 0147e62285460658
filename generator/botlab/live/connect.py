"""The choice of a backend, and the connection to a model."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from ..errors import BotlabError
from .errors import ClientMissingError, ControllerMissingError
from .live_model import LiveModel
from .time_limits import Deadline

BACKENDS = ("auto", "client", "libjuju")


@dataclass(frozen=True, slots=True)
class Target:
    """The model to connect to.

    Attributes:
        model: The name of the model; empty for the current model of the juju client.
        controller: The name of the controller; empty for the current one.
        backend: One of ``BACKENDS``. ``auto`` takes the client if it is installed and not older
            than the controller, and otherwise python-libjuju.
    """

    model: str = ""
    controller: str = ""
    backend: str = "auto"


def connect(
    target: Target,
    environment: Mapping[str, str] | None = None,
    deadline: Deadline | None = None,
) -> LiveModel:
    """Connect to a model.

    A backend is imported only when it is chosen, because that takes time, and because
    python-libjuju is an optional dependency.

    Args:
        target: The model and the backend.
        environment: The environment of the client; None for botlab's own.
        deadline: When all calls of the client are ended; None for never.

    Raises:
        LiveError: When no backend is installed, or the controller or the model cannot be used.
        BotlabError: When the target contradicts itself.
    """
    _check(target)
    environment = os.environ if environment is None else environment
    if _backend(target, environment) == "libjuju":
        return _connect_libjuju(target)
    return _connect_client(target, environment, deadline or Deadline(None))


def _connect_client(
    target: Target, environment: Mapping[str, str], deadline: Deadline
) -> LiveModel:
    from .client.controllers import ClientTooOldError
    from .client.open import open_client_model

    try:
        return open_client_model(target.model, target.controller, environment, deadline)
    except ClientTooOldError:
        if target.backend == "client" or not _has_libjuju():
            raise
        return _connect_libjuju(target)


def _backend(target: Target, environment: Mapping[str, str]) -> str:
    if target.backend != "auto":
        return target.backend
    if shutil.which("juju", path=environment.get("PATH", os.defpath)):
        return "client"
    if _has_libjuju():
        return "libjuju"
    raise ClientMissingError(
        "neither the juju client nor python-libjuju is installed; install the client with `sudo"
        " snap install juju`"
    )


def _has_libjuju() -> bool:
    try:
        importlib.metadata.distribution("juju")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


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
