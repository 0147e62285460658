"""Juju's rules about where units go."""

from __future__ import annotations

from ...bundle.go_text import quote
from ...bundle.model import Application
from ...bundle.placement import Placement, parse_placement
from ...findings import KeyPath
from .bundle import KUBERNETES
from .report import Report


def check_placements(report: Report, name: str, application: Application, path: KeyPath) -> None:
    """Check the ``to`` of one application, and count which machines it names."""
    if report.bundle.type == KUBERNETES:
        _check_kubernetes(report, name, application, path)
        return
    if 0 <= application.num_units < len(application.to):
        text = f"too many units specified in unit placement for application {quote(name)}"
        report.add("J050", (*path, "to"), text)
    for index, text in enumerate(application.to):
        at = (*path, "to", index)
        placement = parse_placement(text)
        if placement is None:
            report.add("J051", at, f"invalid placement syntax {quote(text)}")
        else:
            _check_target(report, text, placement, at)


def _check_target(report: Report, text: str, placement: Placement, at: KeyPath) -> None:
    shown = quote(text)
    if placement.application:
        if placement.application not in report.bundle.applications:
            said = f"placement {shown} refers to an application not defined in this bundle"
            report.add("J052", at, said)
            return
        target = report.bundle.applications[placement.application]
        units = target.num_units if target else 0
        if placement.unit >= 0 and placement.unit >= units:
            said = f"placement {shown} specifies a unit greater than the {units} unit(s) started"
            report.add("J052", at, f"{said} by the target application")
    elif placement.machine != "new":
        if placement.machine not in report.placement_counts:
            said = f"placement {shown} refers to a machine not defined in this bundle"
            report.add("J052", at, said)
        else:
            report.placement_counts[placement.machine] += 1


def _check_kubernetes(report: Report, name: str, application: Application, path: KeyPath) -> None:
    if len(application.to) > 1:
        text = f"too many placement directives for application {quote(name)}"
        report.add("J053", (*path, "to"), text)
    if len(application.to) != 1:
        return
    # juju/utils keyvalues.Parse: each pair has a key, and no key stands twice.
    seen: set[str] = set()
    for pair in application.to[0].split(","):
        key, equals, _ = pair.partition("=")
        problem = ""
        if not equals or not key:
            problem = f'expected "key=value", got {quote(pair)}'
        elif key in seen:
            problem = f"key {quote(key)} specified more than once"
        if problem:
            report.add("J053", (*path, "to", 0), f"{problem} for application {quote(name)}")
            return
        seen.add(key)
