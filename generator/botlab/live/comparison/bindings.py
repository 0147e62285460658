"""Differences of the bindings of endpoints to spaces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from ...bundle.model import Application
from ...juju import Juju
from ...plan.difference import Delta
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage, impossible


def binding_differences(
    name: str, application: Application, details: JsonObject, juju: Juju
) -> Iterator[Difference]:
    """Yield the difference of an application's bindings, if there is one.

    An application without bindings in the bundle is not compared, because Juju then chooses the
    spaces.

    Args:
        name: The name of the application.
        application: The application in the bundle.
        details: What ``juju show-application`` prints about it.
        juju: The release of the controller.
    """
    current = cast("Mapping[str, str]", details.get("endpoint-bindings") or {})
    changed = {
        endpoint: space
        for endpoint, space in _desired(application.bindings, current).items()
        if current.get(endpoint) != space
    }
    if not current or not changed:
        return
    old = {endpoint: current.get(endpoint, "") for endpoint in changed}
    delta = Delta("changed", "application", name, "bindings", _text(old), _text(changed))
    if juju < Juju.V2_9:
        yield impossible(delta, "Juju changes bindings from 2.8 on; deploy the application again")
    else:
        yield Difference(delta, (_command(name, changed),))


def _desired(bindings: Mapping[str, str], current: Mapping[str, str]) -> dict[str, str]:
    """Return the space of each endpoint. The endpoint "" is the default of the application."""
    default = bindings.get("")
    if default is None:
        return dict(bindings)
    return {endpoint: bindings.get(endpoint, default) for endpoint in {**current, **bindings}}


def _command(name: str, changed: Mapping[str, str]) -> JujuCommand:
    words = [f"{endpoint}={space}" if endpoint else space for endpoint, space in changed.items()]
    words.sort(key=lambda word: "=" in word)
    return JujuCommand(Stage.SETTINGS, "bind", (name, *words), (), "deploy never changes bindings")


def _text(bindings: Mapping[str, str]) -> str:
    return " ".join(f"{endpoint or '(default)'}={space}" for endpoint, space in bindings.items())
