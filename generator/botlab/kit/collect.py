"""Collection of a kit: find the files of a lab's items, check them, and write the archive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__
from ..assessment import Assessment, Request
from ..errors import FileError
from ..file_output import Output, writing
from .archive import KitFile, write_archive
from .charms import base_charms
from .content import content_problem, image_transport
from .errors import KitError
from .guide import guide_text
from .image_script import ADDED_TRANSPORT, LoadedImage, image_script
from .items import Item, Kind, in_order
from .layout import GUIDE, SCRIPT
from .limits import LARGEST_MANIFEST, MOST_FILES
from .manifest import CHECKSUMS, MANIFEST, FileEntry, ItemEntry, Manifest, checksums
from .needs import lab_items
from .sources import (
    Source,
    carrying_directory,
    free_space_problem,
    is_file_or_dangling,
    kind_problem,
    source_of,
)
from .staging import Staged, errors_with_files, stage


@dataclass(frozen=True, slots=True)
class KitRequest:
    """What a kit is made of.

    Attributes:
        request: The site file and its layers.
        source: The directory or the URL of the mirror that has the files; empty for the site's
            own files only.
        images: Further images, as upstream names them.
        partial: Whether the kit may lack items.
    """

    request: Request
    source: str = ""
    images: Sequence[str] = ()
    partial: bool = False


@dataclass(slots=True)
class Collected:
    """The files of a kit, and what it lacks.

    Attributes:
        staged: The site in the layout of the kit.
        items: The items of the lab.
        files: The files that were found, by their paths in the kit.
        faults: Why files that were found cannot be used, by their paths in the kit.
        conflicts: Why paths cannot be in the kit.
    """

    staged: Staged
    items: list[Item]
    files: dict[str, Path] = field(default_factory=dict[str, Path])
    faults: dict[str, str] = field(default_factory=dict[str, str])
    conflicts: list[str] = field(default_factory=list[str])

    @property
    def problems(self) -> list[str]:
        """Why the kit cannot be made, apart from missing files."""
        return [*self.faults.values(), *self.conflicts]

    def entries(self) -> tuple[ItemEntry, ...]:
        """Return the items, and whether the kit has them."""
        return tuple(ItemEntry(item, self._has(item)) for item in self.items)

    def _has(self, item: Item) -> bool:
        if item.kind is Kind.PACKAGE:
            return any(path.startswith(f"packages/{item.name}_") for path in self.files)
        if item.kind is Kind.SERVICE:
            return False
        return item.path in self.files


def collect(request: KitRequest, directory: Path) -> Collected:
    """Find the files of a lab's items.

    Args:
        request: What the kit is made of.
        directory: An empty directory for the small files and for downloads.

    Raises:
        KitError: When the site has errors, or needs what cannot be in a kit.
        BotlabError: When the site or the source cannot be read.
    """
    staging, downloads = directory / "site", directory / "downloads"
    staging.mkdir()
    downloads.mkdir()
    staged = stage(request.request, staging)
    items = [*lab_items(staged, request.images), *base_charms(staged)]
    collected = Collected(staged, in_order(items))
    source = source_of(request.source, downloads) if request.source else None
    layout = staged.layout
    for item in collected.items:
        if item.path and layout.add(item.path, item.title, item.source):
            _collect(item, source, collected)
    for path, file in source.carried() if source else ():
        if problem := kind_problem(file):
            layout.problems.append(problem)
        elif layout.add(path, str(file), file.resolve()):
            collected.files[path] = file
    layout.add_nested()
    collected.conflicts = layout.problems or errors_with_files(staged, _item_files(collected))
    return collected


def _item_files(collected: Collected) -> dict[str, Path]:
    """Return the files that the bundle can name."""
    paths = {i.path for i in collected.items if i.kind in (Kind.CHARM, Kind.RESOURCE)}
    return {path: file for path, file in collected.files.items() if path in paths}


def _collect(item: Item, source: Source | None, collected: Collected) -> None:
    """Find the file of an item: the one that the site names, or the one of the source."""
    if item.path in collected.files:
        return
    file = item.local if item.local and is_file_or_dangling(item.local) else None
    file = file or (source.find(item) if source else None)
    if file is None:
        return
    if problem := content_problem(item, file):
        name = source.name_of(file) if source else file
        collected.faults[item.path] = f"{item.title}: {name} {problem}"
        return
    collected.files[item.path] = file


def make_kit(request: KitRequest, output: Output) -> Manifest:
    """Write a kit. Nothing is written if an item is missing, unless a partial kit is asked for.

    Args:
        request: What the kit is made of.
        output: The file to write.

    Returns:
        The table of contents.

    Raises:
        KitError: When the kit cannot be made. It has every reason.
        BotlabError: When a file cannot be read or written.
    """
    # Downloads are as large as the kit, so they are beside it and not in a small /tmp.
    parent = output.target.parent
    if directory := carrying_directory(request.source, output.target):
        problem = f"is in {directory}, whose files all belong to the kit; write it elsewhere"
        raise FileError(output.name, problem)
    with (
        writing(parent),
        tempfile.TemporaryDirectory(dir=parent, prefix=".botlab.") as directory,
    ):
        collected = collect(request, Path(directory))
        _refuse_incomplete(request, collected)
        size = sum(file.stat().st_size for file in collected.files.values())
        if problem := free_space_problem(parent, size):
            raise FileError(output.name, f"cannot be written, because the kit {problem}")
        manifest, files, entries = kit_files(collected)
        write_archive(output, f"{manifest.site}-kit", files, entries)
    return manifest


def _refuse_incomplete(request: KitRequest, collected: Collected) -> None:
    """Refuse a kit with faults, and one with missing items unless that is asked for."""
    reasons = [*collected.problems, *registry_problems(collected.staged.assessment)]
    if not request.partial:
        missing = [item for item in collected.items if _is_lacking(item, collected)]
        reasons += [f"{item.title}: {item.get}" for item in missing]
    # The top directory of the archive counts as well.
    if len(collected.staged.layout.places) >= MOST_FILES:
        reasons.append(f"the kit has more than {MOST_FILES} files; leave out some of the packages")
    if reasons:
        hint = "no kit was written"
        raise KitError(f"{request.request.file}: {hint}", reasons)


def _is_lacking(item: Item, collected: Collected) -> bool:
    provided = item.kind in (Kind.PACKAGE, Kind.SERVICE)
    is_found = item.path in collected.files or item.path in collected.faults
    return not provided and not is_found


def registry_problems(kit: Assessment) -> Iterator[str]:
    """Yield a problem if a site names no registry for its images."""
    if kit.site is not None and not kit.site.kubernetes.registry:
        yield (
            "kubernetes.registry: the site names no registry, so the pods would pull their images"
            " from the internet; write HOST:PORT of the lab's registry"
        )


def kit_files(
    collected: Collected,
) -> tuple[Manifest, list[KitFile], list[FileEntry]]:
    """Return the table of contents and the files of a kit, with their sizes and digests.

    The table and the checksums come first, so that they are read without the rest.
    """
    staged = collected.staged
    files = [KitFile(path, content) for path, content in staged.files.items()]
    files += _found_files(collected)
    files.append(KitFile(SCRIPT, image_script(_images(collected)).encode(), is_executable=True))
    draft = _manifest(collected, [])
    guide = guide_text(draft, staged.assessment, staged.options)
    files.append(KitFile(GUIDE, guide.encode()))
    files.sort(key=lambda file: file.path)
    entries = [file.entry() for file in files]
    manifest = _manifest(collected, entries)
    tables = [KitFile(MANIFEST, _table(manifest))]
    tables.append(KitFile(CHECKSUMS, checksums((*entries, tables[0].entry())).encode()))
    return manifest, [*tables, *files], [*(table.entry() for table in tables), *entries]


def _table(manifest: Manifest) -> bytes:
    """Return the text of the table of contents, which must not be larger than a kit can have."""
    text = manifest.as_text().encode()
    if len(text) > LARGEST_MANIFEST:
        problem = f"is larger than {LARGEST_MANIFEST >> 20} MiB; use shorter names of files"
        raise FileError(MANIFEST, problem)
    return text


def _found_files(collected: Collected) -> Iterator[KitFile]:
    """Yield the files of items. One can be a small file of the site at the same time."""
    for path, file in collected.files.items():
        if path not in collected.staged.files:
            yield KitFile(path, file)


def _images(collected: Collected) -> Iterator[LoadedImage]:
    """Yield all images of the lab: those that an incomplete kit lacks can be added to it."""
    for item in collected.items:
        if item.kind is Kind.IMAGE and item.path:
            file = collected.files.get(item.path)
            transport = image_transport(file) if file else ADDED_TRANSPORT
            yield LoadedImage(item.path, transport, item.target, bool(item.digest))


def _manifest(collected: Collected, entries: Sequence[FileEntry]) -> Manifest:
    kit = collected.staged.assessment
    return Manifest(
        botlab=__version__,
        site=kit.site.site if kit.site else "",
        juju=kit.juju.value,
        profile=kit.site.kubernetes.profile if kit.site else "",
        files=tuple(entries),
        items=collected.entries(),
    )
