"""Juju's rules about the bundle as a whole, its machines and its saas entries."""

from __future__ import annotations

from ...bundle.bases import is_base
from ...bundle.charm_url import SERIES
from ...bundle.constraints import constraint_error
from ...bundle.go_text import quote
from ...bundle.model import KUBERNETES, Machine
from ...bundle.offer_url import is_offer_url
from ...bundle.placement import MACHINE_ID
from ...bundle.relation import APPLICATION_NAME
from ...juju import Juju
from .report import Report


def check_bundle(report: Report) -> None:
    """Check the type, the series, the base and the machines."""
    bundle = report.bundle
    if bundle.type not in ("", KUBERNETES):
        report.add("J010", ("bundle",), f"bundle has an invalid type {quote(bundle.type)}")
    if bundle.type == KUBERNETES:
        _check_kubernetes(report)
    if bundle.series and report.juju < Juju.V4_0 and not SERIES.fullmatch(bundle.series):
        message = f"bundle declares an invalid series {quote(bundle.series)}"
        report.add("J011", ("series",), message)
    if bundle.default_base and not is_base(bundle.default_base, report.juju):
        message = f"bundle declares an invalid base {quote(bundle.default_base)}"
        report.add("J012", ("default-base",), message)
    for name, machine in bundle.machines.items():
        report.placement_counts[name] = 0
        _check_machine(report, name, machine)


def _check_kubernetes(report: Report) -> None:
    bundle = report.bundle
    if bundle.series and report.juju < Juju.V2_9:
        report.add("J015", ("series",), "bundle series not valid for Kubernetes bundles")
    if bundle.machines:
        report.add("J015", ("machines",), "bundle machines not valid for Kubernetes bundles")
    bundle.machines = {}


def _check_machine(report: Report, name: str, machine: Machine | None) -> None:
    path = ("machines", name)
    if not MACHINE_ID.fullmatch(name):
        report.add("J020", path, f"invalid machine id {quote(name)} found in machines")
    if machine is None:
        return
    problem = constraint_error(machine.constraints, report.juju, in_base=report.in_base)
    if problem:
        message = f"invalid constraints {quote(machine.constraints)} in machine {quote(name)}"
        report.add("J022", (*path, "constraints"), f"{message}: {problem}")
    series = machine.series
    if series and report.juju < Juju.V4_0 and not SERIES.fullmatch(series):
        shown = series if report.juju < Juju.V3_6 else quote(series)
        message = f"invalid series {shown} for machine {quote(name)}"
        report.add("J011", (*path, "series"), message)
    if machine.base and not is_base(machine.base, report.juju):
        message = f"invalid base {quote(machine.base)} for machine {quote(name)}"
        report.add("J012", (*path, "base"), message)


def check_saas(report: Report) -> None:
    """Check the saas entries."""
    for name, url in report.bundle.saas.items():
        path = ("saas", name)
        if name in report.bundle.applications:
            message = f"application {quote(name)} already exists with SAAS {quote(name)} name"
            report.add("J042", path, message)
        if not APPLICATION_NAME.fullmatch(name):
            report.add("J042", path, f"invalid SAAS name {quote(name)} found")
        if url and not is_offer_url(url, report.juju):
            report.add("J043", (*path, "url"), f"invalid offer URL {quote(url)} for SAAS {name}")


def check_unused_machines(report: Report) -> None:
    """Check that a placement names each machine. All placements must have been checked before."""
    for name, count in report.placement_counts.items():
        if count == 0:
            message = f"machine {quote(name)} is not referred to by a placement directive"
            report.add("J021", ("machines", name), message)
