"""Juju's own rules about a bundle, with Juju's own messages.

Source: ``BundleData.verifyBundle`` of github.com/juju/charm at the releases that
:mod:`botlab.bundle.schema` names. Juju prints its errors in no fixed order. Here they follow the
order of the bundle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from ...bundle.parse import ParsedBundle
from ...catalogue.model import Charm
from ...findings import Finding
from ...juju import Juju
from .applications import check_applications
from .bundle import check_bundle, check_saas, check_unused_machines
from .charm_metadata import check_charm_metadata
from .mixed_bases import mixed_base_problem
from .relations import check_relations
from .report import Report
from .resolution import check_resolution

__all__ = ["juju_findings"]

# The rule that a local charm exists, which does not count where a site's charms are packed later.
MISSING_CHARM = "J031"


def juju_findings(
    parsed: ParsedBundle,
    juju: Juju,
    charms: Mapping[str, Charm] | None = None,
    *,
    complete: bool = True,
) -> list[Finding]:
    """Return what a Juju release would refuse in a bundle, while reading it and afterwards.

    Args:
        parsed: The bundle as that release reads it.
        juju: The release.
        charms: The facts of the charms, by application name. Without them, only the rules of
            Juju's client are checked.
        complete: Whether an application without facts has a charm that does not exist.
    """
    refusals = [finding for finding in parsed.findings if finding.source == "juju"]
    is_single = len(parsed.roots) == 1
    if parsed.base is not None and (parsed.is_refused or not is_single):
        problems = _verified(Report(parsed.base, juju, in_base=True)).findings
        if _stops_client(problems, complete=complete):
            return problems
    if parsed.is_refused:
        return refusals
    in_base = is_single and parsed.base is not None
    report = _verified(Report(parsed.bundle, juju, in_base=in_base), charms)
    if not _stops_client(report.findings, complete=complete):
        check_resolution(report)
    if charms is not None:
        check_charm_metadata(report, charms, complete=complete)
    return refusals + report.findings


def _stops_client(findings: Iterable[Finding], *, complete: bool) -> bool:
    """Return whether Juju's client stops because of any of the findings."""
    return any(
        finding.when == "dry-run" and (complete or finding.id != MISSING_CHARM)
        for finding in findings
    )


def _verified(report: Report, charms: Mapping[str, Charm] | None = None) -> Report:
    """Check a bundle as Juju's client verifies it, and return the report."""
    report.bundle = dataclasses.replace(report.bundle)
    mixed = mixed_base_problem(report.bundle, report.juju)
    check_bundle(report)
    check_saas(report)
    check_applications(report)
    check_relations(report, charms)
    check_unused_machines(report)
    if mixed and report.is_refused:
        report.add("J047", *mixed)
    return report
