"""Damaged copies of a file or a text, the same in every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

# Words that parsers of YAML, JSON, PEM, HTML and of output treat in a special way.
_WORDS = (
    b"\0", b"\n", b"\r\n", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3\xa9", b'"', b"'", b"{", b"}", b"[",
    b"]", b"[[[[", b":", b": ", b"- ", b"&a ", b"*a", b"!!int ", b"!!bool x", b"!!timestamp x",
    b"!!float ", b"!!binary \xc3", b"<<: ", b"2019-02-31", b"null", b"true", b"-1", b"1e999",
    b"99999999999999999999", b"NaN", b"<![", b"<!", b"</", b"&#x", b"-----BEGIN ", b"=", b"\t",
    b"[" * 3000, b"{'a':" * 1500,
)  # fmt: skip


def damaged(content: bytes, count: int = 300, seed: int = 17) -> Iterator[bytes]:
    """Return damaged copies: cut off, with changed bits and bytes, with parts repeated or lost.

    Args:
        content: The sound content.
        count: The number of copies.
        seed: The seed of the random numbers.
    """
    chooser = random.Random(seed)  # noqa: S311 - reproducible, and no secret
    for _ in range(count):
        copy = content
        for _ in range(chooser.choice((1, 1, 1, 2, 4, 8))):
            copy = _change(copy, chooser)
        yield copy


def damaged_texts(text: str, count: int = 300, seed: int = 17) -> Iterator[str]:
    """Return damaged copies of a text."""
    for copy in damaged(text.encode(), count, seed):
        yield copy.decode("utf-8", "replace")


def refusals(
    call: Callable[[T], object], inputs: Iterable[T], error: type[Exception]
) -> list[str]:
    """Return the messages of the inputs that end with an error of a class; others go through."""
    messages = []
    for content in inputs:
        try:
            call(content)
        except error as raised:
            messages.append(str(raised))
    return messages


def _change(content: bytes, chooser: random.Random) -> bytes:
    start, end = sorted(chooser.randrange(len(content) + 1) for _ in range(2))
    end = min(end, start + chooser.choice((1, 4, 40, len(content) + 1)))
    kind = chooser.randrange(6)
    if kind == 0:
        return content[:start]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:end] + content[end:]
    if kind == 3:
        return content[:start] + chooser.choice(_WORDS) + content[start:]
    if kind == 4:
        return content[:start] + chooser.choice(_WORDS) + content[end:]
    changed = bytes(byte ^ 1 << chooser.randrange(8) for byte in content[start:end])
    return content[:start] + changed + content[end:]
