"""Inputs of fuzz targets: one part for each file of a target, and files that keep many inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

# The content of each file of a target, in the order of the target's files.
Input = tuple[bytes, ...]

CORPUS = Path(__file__).resolve().parents[2] / "unit/fuzzing/corpus"


def size_of(parts: Input) -> int:
    """Return the number of bytes of an input."""
    return sum(map(len, parts))


def text_of(part: bytes) -> str:
    """Return a part as text from which :func:`bytes_of` makes the same bytes again."""
    return part.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """Return the bytes of a text. Lone surrogates that stand for no byte stay as they are."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def read_corpus(target: str, directory: Path = CORPUS) -> list[Input]:
    """Return the inputs that are kept for a target."""
    file = directory / f"{target}.json"
    if not file.exists():
        return []
    entries: list[list[str]] = json.loads(file.read_text("utf-8"))
    return [tuple(map(bytes_of, entry)) for entry in entries]


def write_corpus(target: str, inputs: Iterable[Input], directory: Path = CORPUS) -> None:
    """Write the inputs to keep for a target, each on its own line."""
    lines = [json.dumps([text_of(part) for part in parts]) for parts in inputs]
    text = ",\n".join(lines)
    (directory / f"{target}.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")
