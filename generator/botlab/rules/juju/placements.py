"""Juju's rules about the placement of units."""

from __future__ import annotations

from ...bundle.go_text import quote
from ...bundle.model import KUBERNETES, Application
from ...bundle.placement import Placement, parse_placement
from ...findings import KeyPath
from .report import Report


def check_placements(report: Report, name: str, application: Application, path: KeyPath) -> None:
    """Check the placements of an application, and count the machines that they name."""
    if report.bundle.type == KUBERNETES:
        _check_kubernetes(report, name, application, path)
        return
    if 0 <= application.num_units < len(application.to):
        message = f"too many units specified in unit placement for application {quote(name)}"
        report.add("J050", (*path, "to"), message)
    for index, text in enumerate(application.to):
        placement = parse_placement(text)
        if placement is None:
            report.add("J051", (*path, "to", index), f"invalid placement syntax {quote(text)}")
        else:
            _check_target(report, text, placement, (*path, "to", index))


def _check_target(report: Report, text: str, placement: Placement, path: KeyPath) -> None:
    start = f"placement {quote(text)}"
    if placement.application:
        if placement.application not in report.bundle.applications:
            message = f"{start} refers to an application not defined in this bundle"
            fix = report.similar_application(placement.application)
            report.add("J052", path, message, fix=fix)
            return
        target = report.bundle.applications[placement.application]
        units = target.num_units if target else 0
        if placement.unit >= 0 and placement.unit >= units:
            message = f"{start} specifies a unit greater than the {units} unit(s) started"
            report.add("J052", path, f"{message} by the target application")
    elif placement.machine != "new":
        if placement.machine not in report.placement_counts:
            message = f"{start} refers to a machine not defined in this bundle"
            report.add("J052", path, message)
        else:
            report.placement_counts[placement.machine] += 1


def _check_kubernetes(report: Report, name: str, application: Application, path: KeyPath) -> None:
    if len(application.to) > 1:
        message = f"too many placement directives for application {quote(name)}"
        report.add("J053", (*path, "to"), message)
    if len(application.to) != 1:
        return
    problem = _selector_error(application.to[0])
    if problem:
        report.add("J053", (*path, "to", 0), f"{problem} for application {quote(name)}")


def _selector_error(text: str) -> str:
    """Return Juju's message for an invalid node selector (juju/utils ``keyvalues.Parse``)."""
    keys: set[str] = set()
    for pair in filter(None, text.split(",")):
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals:
            return f'expected "key=value", got {quote(pair)}'
        if not key or not value:
            return f'expected "key=value", got "{key}={value}"'
        if key in keys:
            return f"key {quote(key)} specified more than once"
        keys.add(key)
    return ""
