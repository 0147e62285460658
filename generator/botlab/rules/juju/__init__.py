"""What Juju itself says of a bundle, rule for rule and in its own words.

Source: ``BundleData.verifyBundle`` of github.com/juju/charm at the releases named in
:mod:`botlab.bundle.schema`. Juju prints its errors in no fixed order; here they follow the bundle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ...bundle.parse import ParsedBundle
from ...catalogue.model import Charm
from ...findings import Finding
from ...juju import Juju
from .applications import check_applications
from .bundle import check_bundle, check_saas, check_unused_machines
from .charm_metadata import check_charm_metadata
from .relations import check_relations
from .report import Report

__all__ = ["juju_findings"]


def juju_findings(
    parsed: ParsedBundle,
    juju: Juju,
    charms: Mapping[str, Charm] | None = None,
    *,
    complete: bool = True,
) -> list[Finding]:
    """Return what this Juju would refuse, reading included.

    Args:
        parsed: The bundle as read.
        juju: The release whose rules apply.
        charms: Facts by application name; without them only the client's own rules run.
        complete: Whether an application without facts counts as one without a charm.
    """
    said = [finding for finding in parsed.findings if finding.source == "juju"]
    if parsed.is_refused:
        return said
    report = Report(dataclasses.replace(parsed.bundle), juju)
    check_bundle(report)
    check_saas(report)
    check_applications(report)
    check_relations(report, charms)
    if charms is not None:
        check_charm_metadata(report, charms, complete=complete)
    check_unused_machines(report)
    return said + report.findings
