"""The files from which a lab can be deployed again, and the archive with them."""

from __future__ import annotations

import itertools
import os.path
from dataclasses import dataclass

from ..shell import command_line
from .deployment import kubeconfig_file, local_files
from .lab import RunbookLab


@dataclass(frozen=True, slots=True)
class SiteArchive:
    """The archive with the files of a site.

    Attributes:
        file: The name of the archive.
        root: The directory where its names start, from the directory of the site file.
        home: The directory of the site file in the archive.
        names: The files and directories in the archive.
        outside: The files with absolute paths, which the archive does not have.
    """

    file: str
    root: str
    home: str
    names: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def creation(self) -> str:
        """The command that writes the archive, with the content of symbolic links."""
        directory = () if self.root == "." else ("--directory", self.root)
        options = ("--create", "--gzip", "--dereference", "--file", self.file, *directory)
        return command_line("tar", *options, "--", *self.names)

    @property
    def extraction(self) -> str:
        """The command that unpacks the archive."""
        return command_line("tar", "--extract", "--gzip", "--file", self.file)


def site_archive(lab: RunbookLab) -> SiteArchive:
    """Return the archive with the files of a lab's site.

    Names with ``..`` would be changed by tar, so the archive starts at the directory that all
    files have in common.
    """
    directory = lab.files.directory
    named = _absolute_paths_of_site(lab)
    paths = {_from(directory, path): path for path in _paths(lab)}
    portable = [path for path in paths if not any(_is_below(path, name) for name in named)]
    relative = [path for path in portable if not _is_absolute(paths[path])]
    root = os.path.commonpath([directory, *map(os.path.dirname, relative)])
    inside = [path for path in portable if _is_below(path, root)]
    return SiteArchive(
        f"{lab.name}-site.tar.gz",
        os.path.relpath(root, directory),
        os.path.relpath(directory, root),
        tuple(os.path.relpath(path, root) for path in inside),
        tuple(path for path in paths if path not in inside),
    )


def _from(directory: str, path: str) -> str:
    """Return the absolute path of a file whose path may start in a directory."""
    return os.path.normpath(path if _is_absolute(path) else f"{directory}/{path}")


def _absolute_paths_of_site(lab: RunbookLab) -> list[str]:
    """Return the absolute paths that the site names. Its files must be at the same paths again.

    A bundle has a path from its directory in their stead.
    """
    charms = lab.site.charms
    paths: list[str | int] = [charms.folder, charms.own, charms.revisions, *lab.site.overlays]
    for application in lab.site.applications.values():
        paths += application.resources.values()
        paths += [application.charm.local] if application.charm else []
    texts = [path for path in paths if isinstance(path, str)]
    return [os.path.normpath(path) for path in texts if _is_absolute(path)]


def kubeconfig_of_site(lab: RunbookLab) -> str:
    """Return the kubeconfig that a deployment needs; empty if Juju manages the cluster."""
    return "" if lab.has_cluster else kubeconfig_file(lab)


def _paths(lab: RunbookLab) -> list[str]:
    """Return what a deployment reads: files of the command line, the site and the bundle."""
    files = lab.files
    revisions = [lab.site.charms.revisions] if lab.site.charms.revisions else []
    secrets = _secret_includes(lab)
    included = itertools.chain.from_iterable(files.includes.values())
    includes = [path for path in included if path not in secrets]
    return [
        files.site, files.bundle, *files.layers, *files.overlays, *revisions, *files.profiles,
        *includes, *local_files(lab),
    ]  # fmt: skip


def _secret_includes(lab: RunbookLab) -> list[str]:
    """Return the included files that are credentials of the cluster."""
    includes = lab.files.includes.items()
    return [path for key, paths in includes if key[-1] == "kubeconfig" for path in paths]


def _is_absolute(path: str) -> bool:
    return path.startswith("/")


def _is_below(path: str, directory: str) -> bool:
    return os.path.commonpath([path, directory]) == directory
