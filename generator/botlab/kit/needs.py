"""The items of a lab: everything that it would download without a kit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import BotlabError
from ..text_files import read_text
from .charms import CharmFiles
from .images import image_items
from .items import Item, in_order
from .programs import program_items
from .staging import Staged, facts_of


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
        BotlabError: When a file cannot be read, or a line is not the name of an image.
    """
    images: list[str] = []
    for file in files:
        for number, line in enumerate(read_text(file).splitlines(), 1):
            name = line.partition("#")[0].strip()
            if name and (not name.isascii() or not name.isprintable() or " " in name):
                raise BotlabError(
                    f"{file}:{number}: {name!a} is not the name of an image", str(file)
                )
            images += [name] if name else []
    return images
