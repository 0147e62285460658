"""Refusals of Juju's client after it has verified a bundle, and before it prints any change.

Sources: ``checkExplicitSeries`` and ``resolveCharmsAndEndpoints`` of Juju's command ``deploy``,
and ``FromData`` of its planner. The client stops at the first fault, so at most one is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from ...bundle.bases import base_error, known_series
from ...bundle.channels import channel_error
from ...bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url, schema_error
from ...bundle.constraints import has_image_id
from ...bundle.go_text import quote
from ...bundle.model import KUBERNETES, Application
from ...bundle.natural_sort import natural
from ...bundle.parse_findings import crash
from ...bundle.placement import parse_placement
from ...findings import KeyPath
from ...juju import Juju
from .applications import absolute_charm
from .report import Report

Entry = TypeVar("Entry")
# A series that 2.9 knows, but that has no version there.
_GENERIC = "genericlinux"
_PLACEMENT_CRASH = "this Juju reads every placement as one of machines"
_Fault = tuple[str, KeyPath, str]


def check_resolution(report: Report) -> None:
    """Report the first fault at which Juju's client stops while it resolves and plans."""
    if report.juju < Juju.V2_9:
        return
    crashes = [crash(path, _PLACEMENT_CRASH) for path in _crashing_placements(report)]
    report.findings += crashes[:1]
    fault = next(_faults(report), None)
    if fault and not crashes:
        report.add(*fault)


def _crashing_placements(report: Report) -> Iterator[KeyPath]:
    """Yield the placements at which ``checkExplicitSeries`` crashes: those of Kubernetes."""
    for name, application in report.bundle.applications.items():
        if application is not None and report.juju >= Juju.V3_6:
            for index, text in enumerate(application.to):
                if parse_placement(text) is None:
                    yield ("applications", name, "to", index)


def _faults(report: Report) -> Iterator[_Fault]:
    if report.juju >= Juju.V3_6:
        yield from _image_faults(report)
    for name, application in sorted(report.bundle.applications.items()):
        if application is not None and not _is_local(application.charm):
            yield from _store_faults(report, name, application)
    if report.juju >= Juju.V3_6:
        yield from _planner_faults(report)


def _is_local(charm: str) -> bool:
    return is_local_path(charm) or charm.startswith("local:")


def _image_faults(report: Report) -> Iterator[_Fault]:
    """Yield the applications that need a base, because a constraint names an image."""
    bundle = report.bundle
    for name, application in bundle.applications.items():
        if application is None or application.base or bundle.default_base:
            continue
        if report.juju < Juju.V4_0 and (application.series or bundle.series):
            continue
        texts = [application.constraints, *_machine_constraints(report, application)]
        if any(has_image_id(text, report.juju) for text in texts):
            charm = absolute_charm(bundle, application.charm)
            message = (
                f"base must be explicitly provided for {quote(charm)} when image-id constraint is"
                " used"
            )
            yield "J046", ("applications", name, "constraints"), message


def _machine_constraints(report: Report, application: Application) -> Iterator[str]:
    for text in application.to:
        placement = parse_placement(text)
        machine = report.bundle.machines.get(placement.machine) if placement else None
        if machine is not None:
            yield machine.constraints


def _store_faults(report: Report, name: str, application: Application) -> Iterator[_Fault]:
    """Yield the faults of an application whose charm comes from a store."""
    path: KeyPath = ("applications", name)
    schema_problem = schema_error(application.charm, report.juju)
    if schema_problem:
        yield "J048", (*path, "charm"), schema_problem
    problem = channel_error(application.channel) if application.channel else ""
    if problem:
        is_from_charmhub = _schema(application.charm, report.juju) == "ch"
        owner = f"for application {quote(application.charm)}: " if is_from_charmhub else ""
        yield "J044", (*path, "channel"), f"{owner}{problem}"
    yield from _base_fault(report, application.base, application.series, path)


def _schema(charm: str, juju: Juju) -> str:
    try:
        return parse_charm_url(charm, juju).schema
    except CharmUrlError:
        return ""


def _planner_faults(report: Report) -> Iterator[_Fault]:
    """Yield the bases that the planner cannot parse, in the order in which it reads them."""
    bundle = report.bundle
    yield from _base_fault(report, bundle.default_base, bundle.series, (), "default-base")
    for name, application in _naturally(bundle.applications):
        if application is not None and application.series != KUBERNETES:
            path = ("applications", name)
            yield from _base_fault(report, application.base, application.series, path)
    for name, machine in _naturally(bundle.machines):
        if machine is not None:
            path = ("machines", name)
            yield from _base_fault(report, machine.base, machine.series, path)


def _naturally(entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
    for name in sorted(entries, key=natural):
        yield name, entries[name]


def _base_fault(
    report: Report, base: str, series: str, path: KeyPath, base_key: str = "base"
) -> Iterator[_Fault]:
    """Yield the fault of a base or, where there is none, of a series."""
    problem = base_error(base) if base else ""
    if problem:
        yield "J045", (*path, base_key), problem
    is_read = series and not base and report.juju < Juju.V4_0
    if is_read and series not in known_series(report.juju):
        yield "J045", (*path, "series"), f"series {quote(series)} not valid"
    elif is_read and series == _GENERIC and report.juju < Juju.V3_6:
        message = f"os {quote(_GENERIC)} version {quote(_GENERIC)} not found"
        yield "J045", (*path, "series"), message
