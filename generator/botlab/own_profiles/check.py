"""The check of own profiles: their files, and the bundles of sample sites."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import yaml

from ..assessment import Assessment, Request
from ..catalogue.profiles import ProfileLibrary, ProfileSource, load_profile
from ..errors import BotlabError
from ..findings import Finding, Severity, lab_error, path_text
from ..render import RENDERED
from ..site_assessment import assess_site
from .files import MOST_FAULTS
from .reader import TEMPLATE_FAULT, OwnProfile, read_profiles, template_finding
from .samples import SampleSite, sample_sites

REFUSED_BUNDLE = "PF022"
_FIX = "correct the template, or the catalogue files if the charm has changed"


def check_profiles(directory: Path) -> list[Finding]:
    """Return everything that is wrong with the profiles of a directory.

    The bundles of sample sites are rendered and checked only for profiles whose files have no
    errors.

    Args:
        directory: The directory with one directory per profile.

    Raises:
        BotlabError: When the directory cannot be read, or has no profile.
    """
    return [finding for own in read_profiles(directory) for finding in _check(own, directory)]


def _check(own: OwnProfile, directory: Path) -> list[Finding]:
    if own.source is None:
        return list(own.findings)
    library = ProfileLibrary({own.name: own.source})
    profile = load_profile(own.name, "", library)
    findings: dict[tuple[str, str], Finding] = {}
    for sample in sample_sites(profile):
        for fault, finding in _try(sample, library, own.source, directory / own.name):
            findings.setdefault(fault, finding)
        is_broken = any(finding.id == TEMPLATE_FAULT for finding in findings.values())
        if is_broken or len(findings) >= MOST_FAULTS:
            # The template of the next samples would fail, too, and may take long.
            break
    return list(findings.values())[:MOST_FAULTS]


def _try(
    sample: SampleSite, library: ProfileLibrary, source: ProfileSource, directory: Path
) -> Iterator[tuple[tuple[str, str], Finding]]:
    """Yield what is wrong with the bundle of a sample site.

    Each finding comes with the key and the message of the fault, which several samples may share.
    """
    request = Request(directory / "sample-site.yaml", profiles=library)
    text = yaml.safe_dump(sample.content, sort_keys=False)
    try:
        assessment = assess_site(request, text)
    except BotlabError as error:
        yield ("", error.message), _template_fault(error, source.template)
        return
    for finding in _errors(assessment):
        fault = path_text(finding.path), finding.message
        yield fault, _refusal(finding, sample, source.template)


def _template_fault(error: BotlabError, template: Path) -> Finding:
    """Return the finding for an error that a template leads to, at its place in the template.

    The place in the rendered text stays in the message, because no file has this text.
    """
    if error.file in ("", RENDERED):
        return template_finding(template, 0, error.message)
    location = f"{error.file}:{error.line}" if error.line else error.file
    reason = error.message.removeprefix(f"{location}: ")
    return template_finding(Path(error.file), error.line, reason)


def _errors(assessment: Assessment) -> Iterator[Finding]:
    """Yield the errors of a bundle. A sample site chooses nothing that the lab must decide."""
    for finding in assessment.findings:
        if finding.severity is Severity.ERROR:
            yield finding


def _refusal(finding: Finding, sample: SampleSite, template: Path) -> Finding:
    key = path_text(finding.path)
    message = (
        f"{sample.title} with Juju {sample.juju}: {finding.id} at {key or 'the top'}:"
        f" {finding.message}"
    )
    refusal = lab_error(REFUSED_BUNDLE, (), message, finding.fix or _FIX)
    return dataclasses.replace(refusal, file=str(template))
