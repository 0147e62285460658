"""The connection of python-libjuju to a model.

The controller comes from the files of the juju client (``JUJU_DATA`` or ~/.local/share/juju), or,
on a computer that has none, from these variables of the environment:

- ``BOTLAB_JUJU_ENDPOINTS``: addresses of the controller with ports, separated by commas.
- ``BOTLAB_JUJU_MODEL_UUID``: the UUID of the model.
- ``BOTLAB_JUJU_CA_FILE``: a file with the controller's CA certificate.
- ``BOTLAB_JUJU_USER`` and ``BOTLAB_JUJU_PASSWORD_FILE``: the user, and a file with the password.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BotlabError
from ...text_files import read_text
from ..connect import Target
from ..errors import UnsupportedError
from .api import ModelApi
from .event_loop import EventLoopThread
from .failures import live_error
from .library import LibraryModel, library_version, new_model
from .model import LibjujuModel

_CONNECT_SECONDS = 60.0
_VARIABLES = {
    "BOTLAB_JUJU_ENDPOINTS": "endpoint",
    "BOTLAB_JUJU_MODEL_UUID": "uuid",
    "BOTLAB_JUJU_CA_FILE": "cacert",
    "BOTLAB_JUJU_USER": "username",
    "BOTLAB_JUJU_PASSWORD_FILE": "password",
}


def connect_libjuju(target: Target) -> LibjujuModel:
    """Connect to a model with python-libjuju.

    Args:
        target: The model. The variables of the environment win over it.

    Raises:
        LiveError: When python-libjuju is not installed or does not fit, or the controller or the
            model cannot be used.
        BotlabError: When only a part of the variables is set.
    """
    library = library_version()
    options = _direct_options(os.environ)
    name = _model_name(target)
    loop = EventLoopThread()
    try:
        model = loop.run(_connected(options, name), "connect", _CONNECT_SECONDS)
    except Exception as error:
        loop.close()
        raise live_error("connect", error) from error
    except BaseException:
        loop.close()
        raise
    return _checked(ModelApi(model, loop), target.controller or name.partition(":")[0], library)


def _checked(api: ModelApi, controller: str, library: str) -> LibjujuModel:
    """Return the model, unless its release of Juju is not supported."""
    try:
        return LibjujuModel(api, controller, library)
    except BotlabError as error:
        api.close()
        raise UnsupportedError(f"{error}; use --backend client") from None


async def _connected(options: Mapping[str, Any], name: str) -> LibraryModel:
    model = new_model()
    try:
        await (model.connect(**options) if options else model.connect(name or None))
    except BaseException:
        # A refused controller leaves its connection open.
        with contextlib.suppress(Exception):
            await model.disconnect()
        raise
    return model


def _model_name(target: Target) -> str:
    """Return a name as python-libjuju reads it: CONTROLLER:MODEL, MODEL or nothing."""
    if target.controller and ":" not in target.model:
        return f"{target.controller}:{target.model}"
    return target.model


def _direct_options(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of a connection without the client's files; empty if none is set."""
    values = {
        option: environment[variable]
        for variable, option in _VARIABLES.items()
        if environment.get(variable)
    }
    if not values:
        return {}
    missing = [variable for variable, option in _VARIABLES.items() if option not in values]
    if missing:
        raise BotlabError(
            f"{missing[0]}: is not set; set all of {', '.join(_VARIABLES)}, or none of them"
        )
    return {
        **values,
        "endpoint": [text.strip() for text in values["endpoint"].split(",")],
        "cacert": read_text(Path(values["cacert"])),
        "password": read_text(Path(values["password"])).strip("\n"),
    }
