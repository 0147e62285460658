"""Rules about an air-gapped lab: the files that its charms would download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....findings import Severity
from ..facts import INSTALLER, Facts
from ..options.installers import Installer, installers
from ..options.offline_files import kubeflow_files, needed_files
from ..rule import CLUSTER_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.model import Site

# What else helps, for the charms that do not need the file as a resource.
_ALTERNATIVES = {
    "metallb": ", or name a URL in the lab (option manifest-url)",
    "nvidia-runtime": ", or name a mirror (options toolkit: custom and toolkit-source)",
}


def _seems_air_gapped(site: Site) -> bool:
    """Return whether a site looks like one without access to the internet.

    Such a site takes its charms from local files and its images or snaps from the lab, and does
    not name a proxy.
    """
    has_files = any(
        isinstance(source, str)
        for name, application in site.applications.items()
        for source in application.resources.values()
        if name != INSTALLER
    )
    keeps_images = bool(site.kubernetes.registry) or has_files
    source = site.charms.source
    is_local = source is not None and source.value == "local"
    return is_local and site.proxy is None and keeps_images


@rule(
    "BL082",
    Severity.WARNING,
    depends_on=("applications.kubeflow-installer.resources", "kubeflow", *CLUSTER_KEYS),
)
def missing_kubeflow_files(facts: Facts) -> Iterator[Violation]:
    """Yield the installers of an air-gapped site that lack files which Kubeflow is made of."""
    if facts.site is None or not _seems_air_gapped(facts.site):
        return
    for installer in installers(facts):
        missing = list(_missing_kubeflow_files(facts, installer))
        if missing:
            yield Violation(
                ("applications", installer.name, "resources"),
                f"the lab seems to be air-gapped, and the site does not provide"
                f" {', '.join(missing)}",
                f"attach the files (applications.{installer.name}.resources), or name their URLs"
                " in the lab (kubeflow.manifests-url and similar keys, kubeflow.registry)",
            )


def _missing_kubeflow_files(facts: Facts, installer: Installer) -> Iterator[str]:
    """Yield what the charm would download. It never downloads kfctl by itself (BL079)."""
    for archive in kubeflow_files(facts, installer):
        if not installer.has_archive(archive):
            yield archive
    is_unbuilt = installer.has_archive("manifests") and not installer.has_built_manifests
    if installer.release.needs_network and is_unbuilt:
        yield "manifests that are already built"
    if not facts.option(installer.name, "image-registry"):
        yield "a registry for the images"


@rule("BL091", Severity.WARNING, depends_on=("applications.*.resources", *CLUSTER_KEYS))
def missing_files(facts: Facts) -> Iterator[Violation]:
    """Yield the applications of an air-gapped site that lack a file which their charm needs."""
    if facts.site is None or not _seems_air_gapped(facts.site):
        return
    for name, application in facts.applications.items():
        missing = [file for file in needed_files(facts, name) if file not in application.resources]
        if missing:
            files = ", ".join(f"{resource}: FILE" for resource in missing)
            yield Violation(
                ("applications", name, "resources"),
                f"the lab seems to be air-gapped, and the site does not provide"
                f" {', '.join(missing)} for {name}",
                f"attach the files (applications.{name}.resources: {{{files}}})"
                f"{_ALTERNATIVES.get(facts.charm_name(name), '')}",
                in_site=True,
            )
