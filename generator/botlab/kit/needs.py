"""The items of a lab: everything that it would download without a kit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..catalogue.image_names import IMAGE_NAME
from ..errors import FileError
from ..text_files import read_text
from .charms import CharmFiles
from .images import image_items
from .items import Item, in_order
from .programs import program_items
from .staging import Staged, facts_of

# A file with more wrong lines is not a list of images.
_MOST_WRONG_LINES = 100


class _ImageLine(NamedTuple):
    file: Path
    number: int
    image: str


def lab_items(staged: Staged, further_images: Sequence[str]) -> list[Item]:
    """Return the items of a lab, by kind.

    Args:
        staged: The site in the layout of a kit.
        further_images: Further images, as upstream names them.
    """
    original, kit = facts_of(staged.original), facts_of(staged.assessment)
    files = CharmFiles(original, kit, staged.needs)
    images = image_items(kit, staged.needs, further_images)
    return in_order([*files.items(), *images, *program_items(kit, staged.needs)])


def read_images(files: Sequence[Path]) -> list[str]:
    """Return the images of files that have one in each line. ``#`` begins a comment.

    Raises:
        BotlabError: When a file cannot be read, or lines are not names of images. The message has
            all such lines, but not more than 100 of them.
    """
    lines = [line for file in files for line in _named_images(file)]
    wrong = [line for line in lines if not IMAGE_NAME.fits(line.image)]
    if not wrong:
        return [line.image for line in lines]
    raise _wrong_images(wrong[:_MOST_WRONG_LINES])


def _wrong_images(lines: Sequence[_ImageLine]) -> FileError:
    """Return the error for all lines that are not names of images."""
    problems = [f"{line.image!a} is {IMAGE_NAME.problem}" for line in lines]
    places = (f"{line.file}:{line.number}: " for line in lines)
    others = [place + problem for place, problem in zip(places, problems, strict=True)][1:]
    text = "; ".join((problems[0], *others, IMAGE_NAME.advice))
    return FileError(lines[0].file, text, lines[0].number)


def _named_images(file: Path) -> Iterator[_ImageLine]:
    for number, line in enumerate(read_text(file).splitlines(), 1):
        image = line.partition("#")[0].strip()
        if image:
            yield _ImageLine(file, number, image)
