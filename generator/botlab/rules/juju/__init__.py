"""The rules by which Juju's client refuses a bundle, also in a dry run, with Juju's messages.

Source: ``BundleData.verifyBundle`` of github.com/juju/charm at the releases that
:mod:`botlab.bundle.schema` names. Juju prints its errors in no fixed order. Here they follow the
order of the bundle. What the controller refuses later is in :mod:`botlab.rules.controller`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ...bundle.parse import ParsedBundle
from ...findings import Finding
from ...juju import Juju
from .applications import check_applications
from .bundle import check_bundle, check_saas, check_unused_machines
from .mixed_bases import mixed_base_problem
from .relations import check_relations
from .report import Report
from .resolution import check_resolution

__all__ = ["MISSING_CHARM", "UNUSED_MACHINE", "juju_findings"]

# The rule that a local charm exists. In a site a missing charm is a warning (BL015), because the
# charms are packed after the site is written.
MISSING_CHARM = "J031"
# The rule that a placement names each machine. The roles of a site's machine decide this.
UNUSED_MACHINE = "J021"
# The rule that a bundle has an application.
NO_APPLICATION = "J013"


def juju_findings(
    parsed: ParsedBundle, juju: Juju, *, charms_packed: bool = True
) -> list[Finding]:
    """Return what a Juju release's client refuses in a bundle, while reading it and afterwards.

    Args:
        parsed: The bundle as that release reads it.
        juju: The release.
        charms_packed: Whether the bundle's local charms exist already. Those of a site may be
            packed after this check.
    """
    refusals = [finding for finding in parsed.findings if finding.source == "juju"]
    is_single = len(parsed.roots) == 1
    if parsed.base is not None and (parsed.is_refused or not is_single):
        problems = _verified(Report(parsed.base, juju, in_base=True)).findings
        if _stops_client(problems, charms_packed=charms_packed):
            return problems
    if parsed.is_refused:
        return refusals
    in_base = is_single and parsed.base is not None
    report = _verified(Report(parsed.bundle, juju, in_base=in_base))
    if not _stops_client(report.findings, charms_packed=charms_packed):
        check_resolution(report)
    return refusals + report.findings


def _stops_client(findings: Iterable[Finding], *, charms_packed: bool) -> bool:
    """Return whether Juju's client stops because of any of the findings."""
    return any(
        finding.when == "dry-run" and (charms_packed or finding.id != MISSING_CHARM)
        for finding in findings
    )


def _verified(report: Report) -> Report:
    """Check a bundle as Juju's client verifies it, and return the report."""
    report.bundle = dataclasses.replace(report.bundle)
    mixed = mixed_base_problem(report.bundle, report.juju)
    check_bundle(report)
    check_saas(report)
    check_applications(report)
    check_relations(report)
    check_unused_machines(report)
    if mixed and report.is_refused:
        report.add("J047", *mixed)
    return report
