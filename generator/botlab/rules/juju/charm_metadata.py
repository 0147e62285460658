"""Juju's rules that need the charms' facts: subordinates, options, bindings.

Juju's client never has these facts while it checks a bundle (it calls Verify without charms), so
in a real deploy they surface one by one from the controller, half way through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ...bundle.go_text import format_value, quote
from ...bundle.model import Application
from ...catalogue.model import Charm, Option
from ...findings import KeyPath
from ...juju import Juju
from .report import Report


def check_charm_metadata(report: Report, charms: Mapping[str, Charm], *, complete: bool) -> None:
    """Check what depends on charm facts.

    Args:
        report: Where findings go.
        charms: Facts by application name.
        complete: Whether a charm that is missing there is missing altogether.
    """
    for name, application in report.bundle.applications.items():
        if application is None:
            continue
        path: KeyPath = ("applications", name)
        charm = charms.get(name)
        if charm is None:
            if complete:
                text = f"application {quote(name)} refers to non-existent charm"
                report.add("J070", (*path, "charm"), f"{text} {quote(application.charm)}")
            continue
        _check_subordinate(report, name, application, charm, path)
        _check_options(report, name, application, charm, path)
        if report.juju >= Juju.V2_9:
            _check_bindings(report, name, application, charm, path)


def _check_subordinate(
    report: Report, name: str, application: Application, charm: Charm, path: KeyPath
) -> None:
    if not charm.subordinate:
        return
    if application.to:
        text = f"application {quote(name)} is subordinate but specifies unit placement"
        report.add("J071", (*path, "to"), text)
    if application.num_units > 0:
        text = f"application {quote(name)} is subordinate but has non-zero num_units"
        report.add("J071", (*path, "num_units"), text)


def _check_options(
    report: Report, name: str, application: Application, charm: Charm, path: KeyPath
) -> None:
    for key, value in application.options.items():
        at = (*path, "options", key)
        option = charm.options.get(key)
        start = f"cannot validate application {quote(name)}:"
        if option is None:
            said = f"configuration option {quote(key)} not found in charm"
            report.add("J072", at, f"{start} {said} {quote(application.charm)}")
        elif not fits(option, value):
            said = f"option {quote(key)} expected {option.type}, got {format_value(value)}"
            report.add("J072", at, f"{start} {said}")


def fits(option: Option, value: object) -> bool:
    """Tell whether Juju takes a value for an option (juju/schema's coercions)."""
    if value is None:
        return True
    if option.type in ("string", "secret"):
        return isinstance(value, str)
    if option.type == "boolean":
        known = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
        return isinstance(value, bool) or (isinstance(value, str) and value in known)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    return _is_number(value, whole=option.type == "int")


def _is_number(value: float | str, *, whole: bool) -> bool:
    if isinstance(value, str):
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            return False
        clean = value == value.strip() and "_" not in value and value.isascii()
        return clean and (not whole or abs(number) < 2**63)
    if whole:
        return isinstance(value, int) or math.isfinite(value)
    return True


def _check_bindings(
    report: Report, name: str, application: Application, charm: Charm, path: KeyPath
) -> None:
    for endpoint, space in application.bindings.items():
        if not endpoint or endpoint in charm.endpoints or endpoint in charm.extra_bindings:
            # "" is the default space: the library's rule would refuse it, yet Juju takes it,
            # because its client never gives the library any charms.
            continue
        said = f"application {quote(name)} wants to bind endpoint {quote(endpoint)} to space"
        text = f"{said} {quote(space)}, but the endpoint is not defined by the charm"
        report.add("J073", (*path, "bindings", endpoint), text)
