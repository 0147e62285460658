"""Rules about the release of Kubeflow, and the Kubernetes releases that it runs on."""

from __future__ import annotations

from collections.abc import Iterator

from ....catalogue.kubeflow import choose_release, find_release, releases
from ....catalogue.kubernetes import Version, version_text
from ....catalogue.withdrawn_images import unavailable_images
from ....findings import Severity, newest_beginning_with
from ..facts import INSTALLER, Facts
from ..options.installers import installers
from ..rule import CLUSTER_KEYS, Violation, rule


@rule("BL066", Severity.WARNING, depends_on=CLUSTER_KEYS)
def undocumented_kubernetes(facts: Facts) -> Iterator[Violation]:
    """Yield the releases that upstream does not document for the cluster's Kubernetes."""
    for installer in installers(facts):
        first, last = installer.release.documented
        if facts.kubernetes and not first <= facts.kubernetes <= last:
            documented = version_text(first) + (
                f" to {version_text(last)}" if last != first else ""
            )
            yield Violation(
                installer.release_path,
                f"upstream documents Kubeflow {installer.release.name} for Kubernetes"
                f" {documented}, but the cluster has {version_text(facts.kubernetes)}",
                "use one of those Kubernetes releases, or try it: the charm installs it anyway",
            )


@rule("BL074", Severity.ERROR)
def unknown_release(facts: Facts) -> Iterator[Violation]:
    """Yield the versions that the charm kubeflow-installer does not have."""
    for name, _ in facts.applications_of(INSTALLER):
        version = facts.option(name, "version")
        if version and find_release(version) is None:
            yield Violation(
                ("applications", name, "options", "version"),
                f"the charm kubeflow-installer cannot install Kubeflow {version}",
                _known_release(version),
            )


@rule("BL075", Severity.ERROR, depends_on=CLUSTER_KEYS)
def unfit_release(facts: Facts) -> Iterator[Violation]:
    """Yield the releases whose objects the cluster's Kubernetes does not accept."""
    kubernetes = facts.kubernetes
    if kubernetes is None:
        return
    for name, _ in facts.applications_of(INSTALLER):
        version = facts.option(name, "version")
        release = choose_release(kubernetes, version)
        if release is None and not version:
            yield Violation(
                ("applications", name),
                f"no release of the charm kubeflow-installer runs on Kubernetes"
                f" {version_text(kubernetes)}",
                "use Kubernetes 1.13 or later",
            )
        elif release is not None and not release.fits(kubernetes):
            yield Violation(
                ("applications", name, "options", "version"),
                f"Kubeflow {release.name} runs on Kubernetes {release.kubernetes}, but the cluster"
                f" has {version_text(kubernetes)}",
                f"remove the version, or use one of {_fitting_releases(kubernetes)}",
            )


@rule("BL116", Severity.WARNING, depends_on=CLUSTER_KEYS)
def withdrawn_images(facts: Facts) -> Iterator[Violation]:
    """Yield the releases with images that no registry serves, and the lab neither."""
    for installer in installers(facts):
        skipped = _words(facts.option(installer.name, "skipped-checks"))
        if facts.option(installer.name, "image-registry") or "images" in skipped:
            continue
        overrides = _words(facts.option(installer.name, "image-overrides"))
        overridden = {entry.partition("=")[0] for entry in overrides}
        names = unavailable_images(installer.release.name)
        missing = [image for image in names if image not in overridden]
        if missing:
            more = f" and {len(missing) - 1} more images" if len(missing) > 1 else ""
            yield Violation(
                installer.release_path,
                f"no public registry serves {missing[0]}{more} of Kubeflow"
                f" {installer.release.name}",
                "set kubeflow.registry to a mirror that has them, name other images in the option"
                " image-overrides, or use Kubernetes 1.25 or later without a version of Kubeflow",
            )


def _words(option: str) -> list[str]:
    """Return the words of an option, which spaces or commas separate."""
    return option.replace(",", " ").split()


def _known_release(version: str) -> str:
    """Return what to write in place of a version that the charm does not have."""
    newest = newest_beginning_with(version, [release.name for release in releases()])
    others = f"use one of {_fitting_releases(None)}, or remove the version"
    return f"did you mean {newest}? Otherwise, {others}" if newest else others


def _fitting_releases(kubernetes: Version | None) -> str:
    names = [
        release.name for release in releases() if kubernetes is None or release.fits(kubernetes)
    ]
    return ", ".join(names)
