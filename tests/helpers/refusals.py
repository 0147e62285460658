"""What Juju refuses while it deploys a small bundle."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import yaml

from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.model import Charm
from botlab.catalogue.reader import charm_from_files
from botlab.findings import Finding
from botlab.juju import Juju
from botlab.rules.controller import Deployment, controller_findings


def refusals(
    text: str,
    juju: Juju,
    charms: Mapping[str, Charm] | None = None,
    *,
    local_files: Collection[str] = (),
    directory: str = "/bundle",
) -> list[Finding]:
    """Return the refusals of a bundle.

    Args:
        text: The bundle.
        juju: The release that deploys the bundle.
        charms: The facts about the charms, by application name.
        local_files: The applications whose facts come from their own local charms.
        directory: The directory of the bundle.
    """
    bundle = parse_bundle(BundleSource(text, directory=directory), juju).bundle
    deployment = Deployment(bundle, juju, charms or {}, frozenset(local_files))
    return controller_findings(deployment)


def messages(findings: Collection[Finding]) -> list[str]:
    """Return the messages of some findings."""
    return [finding.message for finding in findings]


def charm(metadata: str, config: str = "{}", manifest: str = "") -> Charm:
    """Return the facts of a charm from the text of its files."""
    bases = yaml.safe_load(manifest) if manifest else None
    return charm_from_files(yaml.safe_load(metadata), yaml.safe_load(config), bases)
