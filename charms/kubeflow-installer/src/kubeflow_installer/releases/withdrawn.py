"""Images that their registries no longer serve, and where else the same images are.

The table is `withdrawn.yaml` beside this module; it names the source of each row.
"""

import functools
import os
from typing import Iterable, List, NamedTuple, Optional, Tuple

import yaml

_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "withdrawn.yaml")

# The registry of names that begin with none; container runtimes add it.
_DOCKER_HUB = "docker.io/"


class Withdrawal(NamedTuple):
    """A row of the table; `withdrawn.yaml` explains its keys."""

    images: str
    replacement: str
    drop: str


def is_withdrawn(image: str) -> bool:
    """Return whether an image's own registry no longer serves it."""
    return _find(image) is not None


def replacement(image: str) -> str:
    """Return the name of the same image at a registry that serves it; empty if none is known."""
    row = _find(image)
    if row is None or not row.replacement:
        return ""
    name = row.replacement + image[len(row.images) :]
    return name[: -len(row.drop)] if row.drop and name.endswith(row.drop) else name


def without_replacement(images: Iterable[str]) -> List[str]:
    """Return those images that are withdrawn and that no known registry serves."""
    return [image for image in images if is_withdrawn(image) and not replacement(image)]


def replaced_prefixes() -> Tuple[str, ...]:
    """Return the beginnings of the names of images that have a replacement."""
    return tuple(row.images for row in _rows() if row.replacement)


def _find(image: str) -> Optional[Withdrawal]:
    name = image[len(_DOCKER_HUB) :] if image.startswith(_DOCKER_HUB) else image
    for row in _rows():
        if name.startswith(row.images):
            return row
    return None


@functools.lru_cache(maxsize=None)
def _rows() -> Tuple[Withdrawal, ...]:
    with open(_PATH, encoding="utf-8") as file:
        table = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return tuple(
        Withdrawal(row["images"], row.get("replacement", ""), row.get("drop", ""))
        for row in table["images"]
    )
