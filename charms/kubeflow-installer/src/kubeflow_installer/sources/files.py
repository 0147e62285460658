"""Programs and manifests at hand: attached to the charm, or fetched and held against a digest."""

import hashlib
import os
import platform
import shutil
import tempfile
from typing import Callable, Dict, List, Mapping, Tuple

from kubeflow_installer.releases.table import Archive, Release
from kubeflow_installer.sources import archive as archive_module
from labcharm.download import DownloadError, download
from labcharm.machine import Machine

# Bytes; kubeflow/kubeflow of 0.6 has 30 MB, kustomize 6 MB.
_LIMIT = 300 * 2**20
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_BUILDER = "kustomize-"
_ATTACH = "juju attach-resource %s %s=FILE"


class SourceError(Exception):
    """A file that cannot be had; the text says what to attach or to pin."""

    def __init__(self, message: str, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


def architecture() -> str:
    """Return the machine's architecture as releases name it."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


class Sources:
    """Where a release's files are on this machine.

    Args:
        machine: The machine.
        folder: Where fetched files are kept, by their digests.
        application: The application's name, for the mends.
        resource: Returns the path of an attached resource; empty where none is attached.
        pinned: Archives that the site pins, by name; they go before the release's own.
        proxies: The model's proxies.
    """

    def __init__(
        self,
        machine: Machine,
        folder: str,
        application: str,
        resource: Callable[[str], str],
        pinned: Mapping[str, Archive],
        proxies: Mapping[str, str],
    ) -> None:
        self._machine, self._folder, self._application = machine, folder, application
        self._resource, self._pinned, self._proxies = resource, pinned, proxies

    def files(self, release: Release) -> Dict[str, str]:
        """Return the paths of all files that a release needs, by their plain names.

        Raises:
            SourceError: With every file that cannot be had.
        """
        found: Dict[str, str] = {}
        problems: List[SourceError] = []
        for name in self._needed(release):
            try:
                if name.startswith(_BUILDER) and _is_built(found.get("manifests", "")):
                    continue
                found[name.partition("-")[0]] = self._file(release, name)
            except SourceError as error:
                problems.append(error)
        if problems:
            passes = all(problem.passes for problem in problems)
            raise SourceError("; ".join(str(problem) for problem in problems), passes)
        return found

    def digest(self, release: Release) -> str:
        """Return what tells apart the files that a release would be installed from now.

        What builds them is left out: it differs by architecture, and its output does not.
        """
        told = [release.name]
        for name in self._needed(release):
            if name.startswith(_BUILDER):
                continue
            attached = self._attached(name)
            archive = self._archive(release, name)
            told.append(_sha256(attached) if attached else archive.digest)
        return hashlib.sha256(" ".join(told).encode("utf-8")).hexdigest()

    def is_given(self, name: str) -> bool:
        """Tell whether the site gives a file, attached or pinned; else it is the release's own."""
        return bool(self._attached(name)) or name in self._pinned

    def _needed(self, release: Release) -> List[str]:
        """Name the files of this machine's architecture, the builder after what it builds."""
        names = [name for name in release.archives if not name.startswith(_BUILDER)]
        builders = [name for name in release.archives if name.startswith(_BUILDER)]
        return sorted(names) + ([_BUILDER + architecture()] if builders else [])

    def _attached(self, name: str) -> str:
        path = self._resource(name)
        # Charmhub wants every resource to have a file; an empty one stands for none.
        return path if path and os.path.getsize(path) else ""

    def _archive(self, release: Release, name: str) -> Archive:
        plain = name.partition("-")[0]
        return self._pinned.get(plain) or release.archives.get(name) or Archive("", "")

    def _file(self, release: Release, name: str) -> str:
        attached = self._attached(name)
        if attached:
            return attached
        archive = self._archive(release, name)
        mend = "attach it (%s)" % (_ATTACH % (self._application, name))
        if not archive.url:
            raise SourceError("%s: none is published for %s; %s" % (name, architecture(), mend))
        if not archive.digest:
            told = "%s: %s is published without a digest; %s, or set %s-url=URL#sha256=DIGEST"
            raise SourceError(told % (name, archive.url, mend, name))
        return self._fetched(name, archive, mend)

    def _fetched(self, name: str, archive: Archive, mend: str) -> str:
        kind, _, digest = archive.digest.partition(":")
        path = self._machine.path("%s/%s-%s" % (self._folder, name, digest[:16]))
        if os.path.exists(path):
            return path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".part-", dir=os.path.dirname(path))
        try:
            with os.fdopen(handle, "wb") as file:
                found = download(archive.url, file, self._proxies, _LIMIT)
            if kind == "tree":
                found = _tree_of(temporary)
            if found != digest:
                told = "%s: %s has the %s %s, not %s"
                raise SourceError(told % (name, archive.url, _NAMES[kind], found, digest))
            os.rename(temporary, path)
        except (DownloadError, archive_module.ArchiveError) as error:
            raise SourceError("%s: %s; or %s" % (name, error, mend), passes=True) from None
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)
        return path


def _is_built(path: str) -> bool:
    """Tell whether manifests are YAML that was built already, which nobody needs to build."""
    return bool(path) and not archive_module.is_archive(path)


_NAMES = {"sha256": "SHA-256", "tree": "git tree"}


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(2**20), b""):
            digest.update(piece)
    return digest.hexdigest()


def _tree_of(path: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return tree(archive_module.unpack(path, folder))


def tree(folder: str) -> str:
    """Return the git tree of a folder's content, in hex.

    Git's own form (git-hash-object, git-mktree): it depends on names, content and which files are
    run, and on nothing of the archive that they came in.
    """
    return _tree(folder).hex()


def _tree(folder: str) -> bytes:
    entries: List[Tuple[bytes, bytes, bytes]] = []
    for name in os.listdir(folder):
        path, told = os.path.join(folder, name), name.encode("utf-8", "surrogateescape")
        if os.path.isdir(path):
            # Git sorts a folder as if its name ended with a slash, and keeps no empty ones.
            if any(files for _, _, files in os.walk(path)):
                entries.append((told + b"/", b"40000 " + told, _tree(path)))
        else:
            mode = b"100755 " if os.access(path, os.X_OK) else b"100644 "
            entries.append((told, mode + told, _blob(path)))
    body = b"".join(head + b"\0" + digest for _, head, digest in sorted(entries))
    return _object(b"tree", body)


def _blob(path: str) -> bytes:
    with open(path, "rb") as file:
        return _object(b"blob", file.read())


def _object(kind: bytes, body: bytes) -> bytes:
    head = kind + b" " + str(len(body)).encode("ascii") + b"\0"
    return hashlib.sha1(head + body).digest()  # noqa: S324 - git's own


def forget(machine: Machine, folder: str) -> None:
    """Remove every file that was fetched."""
    shutil.rmtree(machine.path(folder), ignore_errors=True)
