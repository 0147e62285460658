"""Kits of sites, made of stand-ins."""

from __future__ import annotations

import dataclasses
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from botlab.assessment import Request
from botlab.file_output import output_of
from botlab.kit.collect import KitRequest, collect, make_kit
from botlab.kit.items import Item
from helpers.kit_files import write_items
from helpers.tar_files import extract_all

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/air-gapped/site.yaml"


def kit_request(site: Path, *layers: Path, source: str = "", **fields: object) -> KitRequest:
    """Return the request for a kit of a site."""
    request = KitRequest(Request(file=site, layers=layers), source=source)
    return dataclasses.replace(request, **fields)  # pyright: ignore[reportArgumentType]


def kit_items(
    site: Path, directory: Path, *layers: Path, images: Sequence[str] = ()
) -> list[Item]:
    """Return the items of a site's kit.

    Args:
        site: The site file.
        directory: An empty directory.
        layers: The layers of the site.
        images: Further images.
    """
    return collect(kit_request(site, *layers, images=images), directory).items


@dataclasses.dataclass(frozen=True)
class Downloads:
    """A directory with a stand-in for each of some items."""

    directory: Path
    items: Sequence[Item]

    def __post_init__(self) -> None:
        write_items(self.items, self.directory)

    def make_kit(self, site: Path, output: Path, *layers: Path, **fields: object) -> Path:
        """Write a kit of a site from the directory, and return its path."""
        request = kit_request(site, *layers, source=str(self.directory), **fields)
        make_kit(request, output_of(output))
        return output


def unpack(kit: Path, directory: Path) -> Path:
    """Unpack a kit, and return its top directory."""
    with tarfile.open(kit) as archive:
        extract_all(archive, directory)
    (top,) = directory.iterdir()
    return top


def repack(directory: Path, kit: Path, top: str = "air-gapped-kit") -> Path:
    """Write the files of a directory as botlab writes a kit, without a look at their content."""
    from botlab.kit.archive import KitFile, write_archive

    files = [KitFile(path, file) for path, file in _files(directory)]
    write_archive(output_of(kit), top, files, [file.entry() for file in files])
    return kit


def _files(directory: Path) -> Iterable[tuple[str, Path]]:
    for file in sorted(directory.rglob("*")):
        if file.is_file():
            yield file.relative_to(directory).as_posix(), file
