"""The files of a release on this machine: attached to the charm, or downloaded."""

import hashlib
import os
import platform
import shutil
import tempfile
from typing import Callable, Dict, List, Mapping

from kubeflow_installer.releases.table import Archive, Release
from kubeflow_installer.sources import archive as archive_module
from kubeflow_installer.sources.git_tree import tree_digest
from labcharm.archives import ArchiveError
from labcharm.download import DownloadError, RefusedDownloadError, download
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import Machine
from labcharm.proxies import ProxySettings

# Bytes; kubeflow/kubeflow of 0.6 has 30 MB, kustomize 6 MB.
_LIMIT = 300 * 2**20
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_KUSTOMIZE = "kustomize-"
_DIGEST_NAMES = {"sha256": "SHA-256", "tree": "git tree"}


def architecture() -> str:
    """Return the machine's architecture as releases name it."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


class ReleaseFiles:
    """The files of releases on this machine.

    Args:
        machine: The machine.
        directory: Where downloaded files are kept, by their digests.
        application: The application's name, for the commands in messages.
        resource: Returns the path of an attached resource; empty where none is attached.
        pinned: Archives that the site pins, by name; they take precedence over the release's own.
        proxies: The model's proxies.
    """

    def __init__(
        self,
        machine: Machine,
        directory: str,
        application: str,
        resource: Callable[[str], str],
        pinned: Mapping[str, Archive],
        proxies: ProxySettings,
    ) -> None:
        self._machine, self._directory, self._application = machine, directory, application
        self._resource, self._pinned, self._proxies = resource, pinned, proxies

    def fetch(self, release: Release) -> Dict[str, str]:
        """Return the paths of all files that a release needs, by their names without architecture.

        Raises:
            BlockedError: With every file that cannot be provided.
            WaitingError: The same, when all of them may be downloaded later.
        """
        paths: Dict[str, str] = {}
        errors: List[CharmError] = []
        for name in self._names(release):
            try:
                if name.startswith(_KUSTOMIZE) and _is_built(paths.get("manifests", "")):
                    continue
                paths[name.partition("-")[0]] = self._path(release, name)
            except (BlockedError, WaitingError) as error:
                errors.append(error)
        if errors:
            may_pass = all(isinstance(error, WaitingError) for error in errors)
            message = "; ".join(str(error) for error in errors)
            raise WaitingError(message) if may_pass else BlockedError(message)
        return paths

    def digest(self, release: Release) -> str:
        """Return a digest of the files that a release would be installed from now.

        kustomize is left out: it differs by architecture, and its output does not.
        """
        digests = [release.name]
        for name in self._names(release):
            if name.startswith(_KUSTOMIZE):
                continue
            attached = self._attached(name)
            archive = self._archive(release, name)
            digests.append(_sha256(attached) if attached else archive.digest)
        return hashlib.sha256(" ".join(digests).encode("utf-8")).hexdigest()

    def is_provided_by_site(self, name: str) -> bool:
        """Return whether a file is attached or pinned; otherwise it is the release's own."""
        return bool(self._attached(name)) or name in self._pinned

    def _names(self, release: Release) -> List[str]:
        """Return the names of the files for this machine, kustomize after the manifests."""
        names = [name for name in release.archives if not name.startswith(_KUSTOMIZE)]
        uses_kustomize = len(names) < len(release.archives)
        return sorted(names) + ([_KUSTOMIZE + architecture()] if uses_kustomize else [])

    def _attached(self, name: str) -> str:
        path = self._resource(name)
        # Charmhub requires a file for every resource; an empty one means that there is none.
        return path if path and os.path.getsize(path) else ""

    def _archive(self, release: Release, name: str) -> Archive:
        plain_name = name.partition("-")[0]
        return self._pinned.get(plain_name) or release.archives.get(name) or Archive("", "")

    def _path(self, release: Release, name: str) -> str:
        attached = self._attached(name)
        if attached:
            return attached
        archive = self._archive(release, name)
        fix = f"attach it (juju attach-resource {self._application} {name}=FILE)"
        if not archive.url:
            raise BlockedError(f"{name}: upstream publishes none for {architecture()}; {fix}")
        if not archive.digest:
            raise BlockedError(
                f"{name}: upstream publishes no checksum; {fix}, or set {name}-url; its archive:"
                f" {archive.url}"
            )
        return self._downloaded(name, archive, fix)

    def _downloaded(self, name: str, archive: Archive, fix: str) -> str:
        digest = archive.digest.partition(":")[2]
        path = self._machine.path(f"{self._directory}/{name}-{digest[:16]}")
        if os.path.exists(path):
            return path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".part-", dir=os.path.dirname(path))
        try:
            with os.fdopen(handle, "wb") as file:
                sha256 = download(archive.url, file, self._proxies, _LIMIT)
            _check_digest(name, archive, temporary, sha256)
            os.rename(temporary, path)
        except RefusedDownloadError as error:
            raise BlockedError(f"{name}: {error}; {fix}") from None
        except (DownloadError, ArchiveError) as error:
            raise WaitingError(f"{name}: {error}; or {fix}") from None
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)
        return path


def _check_digest(name: str, archive: Archive, path: str, sha256: str) -> None:
    """Compare a downloaded file with the digest of its archive.

    Raises:
        BlockedError: When it is another file.
        ArchiveError: When it cannot be unpacked.
    """
    kind, _, expected = archive.digest.partition(":")
    digest = _tree_of_archive(path) if kind == "tree" else sha256
    if digest != expected:
        raise BlockedError(
            f"{name}: {archive.url} has the {_DIGEST_NAMES[kind]} {digest}, not {expected}"
        )


def _is_built(path: str) -> bool:
    """Return whether manifests are YAML that is built already."""
    return bool(path) and not archive_module.is_archive(path)


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(2**20), b""):
            digest.update(block)
    return digest.hexdigest()


def _tree_of_archive(path: str) -> str:
    with tempfile.TemporaryDirectory() as directory:
        return tree_digest(archive_module.unpack(path, directory))


def remove_directory(machine: Machine, directory: str) -> None:
    """Remove a directory with everything that was downloaded, built or unpacked in it."""
    shutil.rmtree(machine.path(directory), ignore_errors=True)
