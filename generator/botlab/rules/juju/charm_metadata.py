"""Juju's rules that need the facts of the charms: subordinates, options and bindings.

Juju's client never has these facts when it checks a bundle, because it calls Verify without
charms. In a real deployment the controller refuses these faults one by one, half way through.
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

_BOOLEANS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}


def check_charm_metadata(report: Report, charms: Mapping[str, Charm], *, complete: bool) -> None:
    """Check applications against the facts of their charms.

    Args:
        report: Takes the findings.
        charms: The facts, by application name.
        complete: Whether a charm without facts does not exist.
    """
    for name, application in report.bundle.applications.items():
        if application is None:
            continue
        path: KeyPath = ("applications", name)
        charm = charms.get(name)
        if charm is None:
            if complete:
                message = f"application {quote(name)} refers to non-existent charm"
                report.add("J070", (*path, "charm"), f"{message} {quote(application.charm)}")
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
        message = f"application {quote(name)} is subordinate but specifies unit placement"
        report.add("J071", (*path, "to"), message)
    if application.num_units > 0:
        message = f"application {quote(name)} is subordinate but has non-zero num_units"
        report.add("J071", (*path, "num_units"), message)


def _check_options(
    report: Report, name: str, application: Application, charm: Charm, path: KeyPath
) -> None:
    start = f"cannot validate application {quote(name)}:"
    for key, setting in application.options.items():
        option = charm.options.get(key)
        if option is None:
            message = f"configuration option {quote(key)} not found in charm"
            message = f"{start} {message} {quote(application.charm)}"
            report.add("J072", (*path, "options", key), message)
        elif not accepts(option, setting):
            message = f"option {quote(key)} expected {option.type}, got {format_value(setting)}"
            report.add("J072", (*path, "options", key), f"{start} {message}")


def accepts(option: Option, setting: object) -> bool:
    """Return whether Juju accepts a value for an option (juju/schema's coercions)."""
    if setting is None:
        return True
    if option.type in ("string", "secret"):
        return isinstance(setting, str)
    if option.type == "boolean":
        return isinstance(setting, bool) or (isinstance(setting, str) and setting in _BOOLEANS)
    if isinstance(setting, bool) or not isinstance(setting, int | float | str):
        return False
    return _is_number(setting, whole=option.type == "int")


def _is_number(setting: float | str, *, whole: bool) -> bool:
    if isinstance(setting, str):
        try:
            number = int(setting) if whole else float(setting)
        except ValueError:
            return False
        # Python also reads white space, underscores and the digits of other alphabets.
        is_plain = setting == setting.strip() and "_" not in setting and setting.isascii()
        return is_plain and (not whole or abs(number) < 2**63)
    if whole:
        return isinstance(setting, int) or math.isfinite(setting)
    return True


def _check_bindings(
    report: Report, name: str, application: Application, charm: Charm, path: KeyPath
) -> None:
    for endpoint, space in application.bindings.items():
        if not endpoint or endpoint in charm.endpoints or endpoint in charm.extra_bindings:
            # "" is the default space. The library would refuse it, but Juju accepts it, because
            # its client never gives the library any charms.
            continue
        message = (
            f"application {quote(name)} wants to bind endpoint {quote(endpoint)} to space"
            f" {quote(space)}, but the endpoint is not defined by the charm"
        )
        report.add("J073", (*path, "bindings", endpoint), message)
