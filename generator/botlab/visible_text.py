"""Text from files, made safe for a terminal and for comments.

A key, a name or a message can hold escape sequences, line breaks or characters that change the
direction of the text. Written to a terminal as it is, such a text can hide findings or imitate
the program's own lines.
"""

from __future__ import annotations

from collections.abc import Iterable


class TextLines(str):
    """A text whose line breaks belong to the message, and not to a name in it.

    Args:
        lines: The lines. A line break in one of them is made visible when the text is printed.
    """

    __slots__ = ("lines",)
    lines: tuple[str, ...]

    def __new__(cls, lines: Iterable[str]) -> TextLines:
        """Join the lines and remember them."""
        parts = tuple(lines)
        text = super().__new__(cls, "\n".join(parts))
        text.lines = parts
        return text


def visible(text: str) -> str:
    r"""Return a text on one line, with each unprintable character as an escape such as ``\x1b``.

    Unprintable are control characters, line breaks, format characters (which include those that
    change the direction of text), surrogates, and spaces other than U+0020.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def visible_lines(text: str) -> list[str]:
    """Return the lines of a message, each made visible. Only :class:`TextLines` has several."""
    return [visible(line) for line in (text.lines if isinstance(text, TextLines) else (text,))]


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
