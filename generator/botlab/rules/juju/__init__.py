"""Juju's own rules about a bundle, with Juju's own messages.

Source: ``BundleData.verifyBundle`` of github.com/juju/charm at the releases that
:mod:`botlab.bundle.schema` names. Juju prints its errors in no fixed order. Here they follow the
order of the bundle.
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
from .storage_attachment import check_storage_attachment

__all__ = ["juju_findings"]


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
    if parsed.is_refused:
        return refusals
    report = Report(dataclasses.replace(parsed.bundle), juju)
    check_bundle(report)
    check_saas(report)
    check_applications(report)
    check_relations(report, charms)
    if charms is not None:
        check_charm_metadata(report, charms, complete=complete)
    check_unused_machines(report)
    check_storage_attachment(report)
    return refusals + report.findings
