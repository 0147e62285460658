"""The rules by which Juju's client refuses a bundle, also in a dry run, with Juju's messages.

Source: ``BundleData.verifyBundle`` of github.com/juju/charm at the releases that
:mod:`botlab.bundle.schema` names. Juju prints its errors in no fixed order. Here they follow the
order of the bundle. What the controller refuses later is in :mod:`botlab.rules.controller`.
"""

from __future__ import annotations

import dataclasses

from ...bundle.parse import ParsedBundle
from ...findings import Finding
from ...juju import Juju
from .applications import check_applications
from .bundle import check_bundle, check_saas, check_unused_machines
from .relations import check_relations
from .report import Report

__all__ = ["juju_findings"]


def juju_findings(parsed: ParsedBundle, juju: Juju) -> list[Finding]:
    """Return what a Juju release's client refuses in a bundle, while reading it and afterwards.

    Args:
        parsed: The bundle as that release reads it.
        juju: The release.
    """
    refusals = [finding for finding in parsed.findings if finding.source == "juju"]
    if parsed.is_refused:
        return refusals
    report = Report(dataclasses.replace(parsed.bundle), juju)
    check_bundle(report)
    check_saas(report)
    check_applications(report)
    check_relations(report)
    check_unused_machines(report)
    return refusals + report.findings
