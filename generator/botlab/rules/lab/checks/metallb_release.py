"""Rule about the release of MetalLB."""

from __future__ import annotations

from collections.abc import Iterator

from ....catalogue.kubernetes import Version, version_text
from ....catalogue.metallb import find_release, is_release_name, releases
from ....findings import Severity, newest_beginning_with
from ..facts import Facts
from ..options.address_pools import METALLB
from ..rule import Violation, rule


@rule("BL065", Severity.ERROR)
def unfit_metallb(facts: Facts) -> Iterator[Violation]:
    """Yield the MetalLB versions that the charm, or the cluster's Kubernetes, does not support."""
    for name, _ in facts.applications_of(METALLB):
        version = facts.option(name, "version").strip()
        problem = _problem(version, facts.kubernetes) if version else ""
        if problem:
            yield Violation(
                ("applications", name, "options", "version"),
                problem,
                _other_release(version, facts.kubernetes),
            )


def _problem(version: str, kubernetes: Version | None) -> str:
    release = find_release(version)
    if release is None:
        if is_release_name(version):
            return f"the charm metallb cannot install MetalLB {version}"
        return f"{version} is not a release of MetalLB, whose names have three numbers"
    if kubernetes is None or release.fits(kubernetes):
        return ""
    return (
        f"MetalLB {version} runs on Kubernetes {release.kubernetes}, but the site has"
        f" {version_text(kubernetes)}"
    )


def _other_release(version: str, kubernetes: Version | None) -> str:
    """Return what to write in place of a version that does not fit."""
    names = [
        release.name for release in releases() if kubernetes is None or release.fits(kubernetes)
    ]
    newest = newest_beginning_with(version, names)
    others = f"remove the version, or use one of {', '.join(names)}"
    return f"did you mean {newest}? Otherwise, {others}" if newest else others
