"""The charms of a lab and the files of their resources, with the commands that fetch them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..bundle.bases import SERIES_TO_BASE
from ..bundle.charm_url import charm_name, charmhub_name, is_local_path
from ..bundle.constraints import architecture_in
from ..bundle.go_path import join_path
from ..bundle.model import Application
from ..catalogue.offline import OfflineNeeds, ResourceSource
from ..catalogue.profiles import OWN_CHARMS
from ..juju import Juju
from ..rules.lab.facts import INSTALLER, Facts
from ..rules.lab.options.installers import installers
from ..rules.lab.options.offline_files import architectures_of, metallb_release, needs_building
from ..shell import charms_command, command_line, quote
from .file_paths import first_architecture
from .items import Item, Kind
from .programs import snap_channel, snap_download
from .staging import Staged, base_facts, facts_of

_STORE_IS_CLOSED = (
    "copy the file from a lab that has it: the Charm Store has been closed since 2022"
)
# docs/how-to/gpu-runtime.md, "On air-gapped machines".
_TOOLKIT = (
    "download the .deb files of NVIDIA's container toolkit (apt-get download, from"
    " nvidia.github.io/libnvidia-container), and pack them: tar czf toolkit.tar.gz *.deb"
)

# The ends of the names of archives that hold a snap.
_ARCHIVES = (".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True)
class CharmFiles:
    """The applications of a lab before and after the kit's layout.

    Attributes:
        original: The facts about the site as it is.
        kit: The facts about the bundle of the kit, whose charms and resources are files.
        needs: What the charms of the profile take from elsewhere.
    """

    original: Facts
    kit: Facts
    needs: OfflineNeeds

    def items(self) -> Iterator[Item]:
        """Yield the charms and the resources."""
        yield from self.charms()
        for name, application in self.kit.applications.items():
            for resource, source in application.resources.items():
                yield self._resource(name, resource, str(source))

    def charms(self) -> Iterator[Item]:
        """Yield the charms that are files."""
        for name, application in self.kit.applications.items():
            if is_local_path(application.charm):
                yield self._charm(name, application)

    def _charm(self, name: str, application: Application) -> Item:
        charm = self._charm_name(name)
        original = self.original.applications[name]
        return Item(
            Kind.CHARM,
            charm,
            self._charm_source(name, charm),
            version=_version(original),
            path=_kit_path(application.charm),
            content=charm,
            local=self._local(original.charm) if is_local_path(original.charm) else None,
        )

    def _charm_source(self, name: str, charm: str) -> str:
        """Return how to get an application's charm."""
        original = self.original.applications[name].charm
        path = self.kit.applications[name].charm
        if is_local_path(original) and self._local(original).is_dir():
            return f"pack the directory {original} (charmcraft pack) to {_kit_path(path)}"
        if charm in OWN_CHARMS and is_local_path(original):
            return _packing(path)
        return self._download(name, path)

    def _charm_name(self, name: str) -> str:
        """Return the name that the metadata of an application's charm has."""
        charm = self.kit.charms.get(name)
        return charm.name if charm else charm_name(self.kit.applications[name].charm)

    def _local(self, path: str) -> Path:
        return Path(join_path(self.original.bundle.directory, path))

    def _download(self, name: str, path: str) -> str:
        """Return how to get a charm that is not this project's."""
        original = self.original.applications[name]
        charm, juju = charmhub_name(original.charm, self.original.juju), self.original.juju
        if is_local_path(original.charm):
            charm = charm_name(original.charm) if juju >= Juju.V3_6 else ""
        if not charm:
            return _STORE_IS_CLOSED
        architecture = first_architecture(self.original, name)
        series = self.original.profile.series if self.original.profile else ""
        options = _download_options(original, juju, architecture, original.series or series)
        return command_line("juju", "download", charm, *options, f"--filepath={_kit_path(path)}")

    def _resource(self, name: str, resource: str, path: str) -> Item:
        original = self.original.applications[name].resources.get(resource)
        url, digest = self._upstream(name, resource)
        version = f"revision {original}" if isinstance(original, int) else ""
        return Item(
            Kind.RESOURCE,
            f"{resource} of {name}",
            self._source(name, resource, _kit_path(path), url),
            version=version,
            path=_kit_path(path),
            digest=digest if digest.startswith("sha256:") else "",
            local=self._local(original) if isinstance(original, str) else None,
        )

    def _archive_url(self, name: str) -> str:
        """Return the address of the sources that the manifests of an installer are built from."""
        releases = [i.release for i in installers(self.kit) if i.name == name]
        return releases[0].archives["manifests"].url if releases else ""

    def _upstream(self, name: str, resource: str) -> tuple[str, str]:
        """Return the address and the digest of a file that a charm's table has; empty for none."""
        charm = self.kit.charm_name(name)
        if charm == INSTALLER:
            for installer in installers(self.kit):
                archive = installer.release.archives.get(resource)
                if installer.name == name and archive and not installer.has_built_manifests:
                    return archive.url, archive.digest
        if charm == "metallb" and (release := metallb_release(self.kit, name)):
            digest = f"sha256:{release.digest}" if release.digest else ""
            return release.manifest_url, digest
        return "", ""

    def _source(self, name: str, resource: str, path: str, url: str) -> str:
        """Return how to get the file of a resource."""
        charm = self.kit.charm_name(name)
        source = self.needs.source_of(charm, resource) or ResourceSource()
        if charm == "nvidia-runtime":
            return _TOOLKIT
        if source.snap:
            # In the kit, the charm k8s is a file, which has no channel.
            return _snap(source.snap, snap_channel(source.channel, self.original, name), path)
        if resource == "manifests" and needs_building(self.kit, name):
            return _building(self._archive_url(name), path)
        if url or source.url:
            return command_line("curl", "--create-dirs", "-fLo", path, url or source.url)
        return source.text or self._store_resource(name, resource)

    def _store_resource(self, name: str, resource: str) -> str:
        charm = charmhub_name(self.original.applications[name].charm, self.original.juju)
        if not charm:
            return f"see the documentation of the charm for its resource {resource}"
        return command_line("juju", "download", charm, "--resources")


def base_charms(staged: Staged) -> Iterator[Item]:
    """Yield the charms of applications that overlays remove, or give another charm.

    From 3.2 on, Juju's client verifies the bundle before it reads overlays, and refuses a charm
    whose file does not exist.

    Args:
        staged: The site in the layout of a kit.
    """
    if not staged.assessment.overlays or staged.assessment.juju < Juju.V3_6:
        return
    applications = facts_of(staged.assessment).applications
    paths = {application.charm for application in applications.values()}
    base = base_facts(staged.assessment)
    for item in CharmFiles(base_facts(staged.original), base, staged.needs).charms():
        if f"./{item.path}" not in paths:
            yield item


def architecture_notes(staged: Staged) -> Iterator[str]:
    """Yield a note for each application of Charmhub that runs on machines of two architectures.

    A bundle names one file for it, while Juju downloads the charm of each architecture.

    Args:
        staged: The site in the layout of a kit.
    """
    original, kit = facts_of(staged.original), facts_of(staged.assessment)
    for name, application in original.applications.items():
        architectures = sorted(set(architectures_of(kit, name)))
        if len(architectures) > 1 and charmhub_name(application.charm, original.juju):
            file = _kit_path(kit.applications[name].charm)
            yield (
                f"{name} runs on {' and '.join(architectures)}, but a kit has one archive for it,"
                f" {file}; check with unzip -l that the archive has no compiled files"
            )


def _version(application: Application) -> str:
    if application.revision is not None:
        return f"revision {application.revision}"
    if is_local_path(application.charm):
        return ""
    if application.channel or charm_name(application.charm) == application.charm:
        return application.channel
    return application.charm


def _kit_path(path: str) -> str:
    return path.removeprefix("./")


def _packing(path: str) -> str:
    """Return the command that packs this project's charms, in the directory of the kit's files."""
    return charms_command(_kit_path(path).rpartition("/")[0] or ".")


def _building(url: str, path: str) -> str:
    """Return the commands that build manifests (docs/how-to/kubeflow.md)."""
    download = f"curl -fL {quote(url)} | tar xz"
    return f"{download}; kustomize build *manifests-*/example | gzip > {quote(path)}"


def _download_options(
    application: Application, juju: Juju, architecture: str, series: str
) -> list[str]:
    """Return the options of `juju download`. A revision excludes the others (its help text)."""
    if application.revision is not None and juju >= Juju.V3_6:
        return [f"--revision={application.revision}"]
    options = [f"--channel={application.channel}"] if application.channel else []
    options.append(f"--arch={architecture_in(application.constraints) or architecture}")
    if juju < Juju.V3_6:
        return [*options, f"--series={series}"] if series else options
    base = application.base or SERIES_TO_BASE.get(series, "")
    return [*options, f"--base={base}"] if base else options


def _snap(snap: str, channel: str, path: str) -> str:
    """Return the commands that fetch the snap of a resource, and pack it into an archive."""
    directory, _, file = path.rpartition("/")
    if file.endswith(".snap"):
        return snap_download(snap, channel, path)
    name = f"{snap}.snap"
    downloaded = f"{directory or '.'}/{name}"
    pack = command_line("tar", "-C", directory or ".", "-czf", path, name)
    move = command_line("mv", downloaded, path)
    finish = pack if file.endswith(_ARCHIVES) else move
    return f"{snap_download(snap, channel, downloaded)} && {finish}"
