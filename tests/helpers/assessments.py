"""Assessments of small changes to the rules' example site, and of small bundles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from botlab.assessment import Assessment, Request, assess
from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.model import Charm
from botlab.findings import Finding, path_text
from botlab.inventory.dumps import Dump, inventory_of_dumps
from botlab.juju import Juju
from botlab.rules.lab import lab_findings
from botlab.rules.subject import Subject

from .rule_pages import example_site


def assess_layer(
    directory: Path,
    layer: Mapping[str, Any] | str,
    *,
    overlay: str = "",
    output: Path | None = None,
    is_valid: bool = True,
    maas: str = "",
) -> Assessment:
    """Assess the example site with a layer.

    Args:
        directory: An empty directory for the files.
        layer: The layer, as data or as text.
        overlay: A bundle overlay; empty for none.
        output: The file that the bundle would be written to.
        is_valid: Whether all keys and values of the layer must be valid.
        maas: What MAAS prints; empty to compare the site with nothing.
    """
    text = layer if isinstance(layer, str) else yaml.safe_dump(dict(layer))
    files = {"site.yaml": example_site(), "layer.yaml": text, "overlay.yaml": overlay}
    for name, content in files.items():
        (directory / name).write_text(content, encoding="utf-8")
    overlays = [directory / "overlay.yaml"] if overlay else []
    layers = [directory / "layer.yaml"]
    inventory = inventory_of_dumps([Dump(maas, "maas.json")], "maas.json") if maas else None
    request = Request(
        directory / "site.yaml",
        layers=layers,
        overlays=overlays,
        output=output,
        maas=inventory,
    )
    assessment = assess(request)
    invalid = [finding for finding in assessment.findings if finding.id < "BL010"]
    assert not (is_valid and invalid), invalid
    return assessment


def bundle_findings(
    bundle: Mapping[str, Any], juju: Juju = Juju.V2_9, charms: Mapping[str, Charm] | None = None
) -> list[Finding]:
    """Return the lab's findings about a bundle.

    Args:
        bundle: The bundle, as data.
        juju: The release that deploys it.
        charms: The facts of the charms, by application; none by default.
    """
    parsed = parse_bundle(BundleSource(yaml.safe_dump(dict(bundle))), juju)
    return lab_findings(Subject(parsed.bundle, juju, charms or {}))


def of_rule(findings: Iterable[Finding], rule_id: str) -> list[Finding]:
    """Return the findings of a rule."""
    return [finding for finding in findings if finding.id == rule_id]


def paths_of(findings: Iterable[Finding], rule_id: str) -> list[str]:
    """Return the keys that a rule reports, as text."""
    return [path_text(finding.path) for finding in of_rule(findings, rule_id)]
