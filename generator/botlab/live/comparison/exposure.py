"""Differences of the exposure of applications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...bundle.model import Application, Exposure
from ...juju import Juju
from ...plan.difference import Delta
from ...plan.model_status import exposed_endpoints
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage

# The networks of an endpoint: the spaces and the CIDRs that may reach it.
_Networks = tuple[tuple[str, ...], tuple[str, ...]]
_EVERYWHERE: _Networks = ((), ("0.0.0.0/0", "::/0"))


def exposure_differences(
    name: str, application: Application, details: JsonObject, *, is_exposed: bool, juju: Juju
) -> Iterator[Difference]:
    """Yield the difference of an application's exposure, if there is one.

    Args:
        name: The name of the application.
        application: The application in the bundle.
        details: What ``juju show-application`` prints about it. Releases before 2.9 do not print
            the endpoints, and expose all of them.
        is_exposed: Whether the status says that it is exposed.
        juju: The release of the controller.
    """
    current = _current(details, is_exposed=is_exposed)
    desired = _desired(application)
    if current == desired or (current is None and desired):
        return
    current = {"": _EVERYWHERE} if current is None else current
    commands = [*_unexpose(name, current, desired), *_expose(name, current, desired, juju)]
    delta = Delta("changed", "application", name, "expose", _text(current), _text(desired))
    yield Difference(delta, tuple(commands))


def _desired(application: Application) -> dict[str, _Networks]:
    if application.exposed_endpoints:
        return _networks(application.exposed_endpoints)
    return {"": _EVERYWHERE} if application.expose else {}


def _current(details: JsonObject, *, is_exposed: bool) -> dict[str, _Networks] | None:
    """Return the exposed endpoints of a model; None if it does not name them."""
    if not is_exposed:
        return {}
    endpoints = exposed_endpoints(details)
    return _networks(endpoints) if endpoints else None


def _networks(endpoints: Mapping[str, Exposure]) -> dict[str, _Networks]:
    return {
        endpoint: (tuple(sorted(exposure.spaces)), tuple(sorted(exposure.cidrs)))
        if exposure.spaces or exposure.cidrs
        else _EVERYWHERE
        for endpoint, exposure in endpoints.items()
    }


def _unexpose(
    name: str, current: Mapping[str, _Networks], desired: Mapping[str, _Networks]
) -> Iterator[JujuCommand]:
    """Yield the command that ends exposures, which deploy never does."""
    surplus = sorted(set(current) - set(desired))
    if surplus:
        options = ("--endpoints", ",".join(surplus)) if "" not in surplus and desired else ()
        why = "deploy never ends an exposure"
        yield JujuCommand(Stage.SETTINGS, "unexpose", (name,), options, why)


def _expose(
    name: str, current: Mapping[str, _Networks], desired: Mapping[str, _Networks], juju: Juju
) -> Iterator[JujuCommand]:
    # Without endpoints, `juju unexpose` ends all exposures.
    is_reset = bool("" in current and "" not in desired)
    for endpoint, networks in sorted(desired.items()):
        if is_reset or current.get(endpoint) != networks:
            options = () if juju < Juju.V2_9 else _options(endpoint, networks)
            why = "the site exposes it"
            yield JujuCommand(
                Stage.SETTINGS, "expose", (name,), options, why, is_part_of_deploy=not is_reset
            )


def _options(endpoint: str, networks: _Networks) -> tuple[str, ...]:
    spaces, cidrs = networks
    options = ("--endpoints", endpoint) if endpoint else ()
    if networks == _EVERYWHERE:
        return options
    options += ("--to-spaces", ",".join(spaces)) if spaces else ()
    return options + (("--to-cidrs", ",".join(cidrs)) if cidrs else ())


def _text(endpoints: Mapping[str, _Networks]) -> str:
    if not endpoints:
        return "false"
    if endpoints == {"": _EVERYWHERE}:
        return "true"
    return "; ".join(
        f"{endpoint or 'all endpoints'} to {', '.join((*spaces, *cidrs))}"
        for endpoint, (spaces, cidrs) in sorted(endpoints.items())
    )
