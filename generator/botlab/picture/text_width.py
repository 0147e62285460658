"""The width of texts, and texts that fit a width.

The widths are those of DejaVu Sans, which is wider than the other fonts of the pictures' font
list (Segoe UI, Roboto, Helvetica, Arial), so that a text that fits here fits in those, too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
# Hundredths of the font's size, for the characters from U+0020 to U+007E.
_REGULAR = (
    "32 41 46 84 64 96 78 28 40 40 50 84 32 37 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84"
    " 84 84 54 100 69 69 70 77 64 58 78 76 30 30 66 56 87 75 79 61 79 70 64 62 74 69 99 69 62"
    " 69 40 34 40 84 50 50 62 64 55 64 62 36 64 64 28 28 58 28 98 64 62 64 64 42 53 40 64 60"
    " 82 60 60 53 64 34 64 84"
)
_BOLD = (
    "35 46 53 84 70 101 88 31 46 46 53 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84"
    " 84 84 58 100 78 77 74 83 69 69 83 84 38 38 78 64 100 84 85 74 85 77 73 69 82 78 111 78"
    " 73 73 46 37 46 84 50 50 68 72 60 72 68 44 72 72 35 35 67 35 105 72 69 72 72 50 60 48 72"
    " 66 93 65 66 59 72 37 72 84"
)
# Characters of the pictures' own texts, and others that messages have: regular and bold.
_FURTHER = {
    ELLIPSIS: (100, 100), "·": (38, 38), "≥": (84, 84), "≤": (84, 84), "\u00d7": (84, 84),
    "→": (84, 84), "←": (84, 84), "\u2013": (50, 50), "—": (100, 100), "•": (59, 64),
    "°": (50, 50), "\u2018": (32, 38), "\u2019": (32, 38),
    "“": (52, 66), "”": (52, 66), "„": (52, 66),
    "«": (62, 65), "»": (62, 65), "€": (64, 70), "§": (50, 50),
    "ß": (63, 72), "æ": (99, 105), "ø": (62, 69), "ł": (29, 38), "ľ": (38, 48), "\u0131": (28, 35),
}  # fmt: skip
# Other characters can come from another font, and the reader's program fits them into these
# widths. Most letters of other alphabets are near the first, and those of Chinese, Japanese and
# Korean near the second, so that texts are hardly stretched.
_LETTER, _WIDE, _OTHER = 75, 105, 110
_HORN = "\N{COMBINING HORN}"


def _table(widths: str, *, bold: bool) -> dict[str, int]:
    plain = {chr(32 + index): int(width) for index, width in enumerate(widths.split())}
    return plain | {char: pair[bold] for char, pair in _FURTHER.items()}


_TABLES = {False: _table(_REGULAR, bold=False), True: _table(_BOLD, bold=True)}


def has_known_widths(text: str) -> bool:
    """Return whether the width of each character is known."""
    return all(_base(char) in _TABLES[False] for char in text)


def _base(char: str) -> str:
    """Return a letter without its accents, which do not change its width; a horn does."""
    letters = unicodedata.normalize("NFD", char)
    return char if char in _TABLES[False] or _HORN in letters else letters[0]


def text_width(text: str, size: int, *, bold: bool = False) -> int:
    """Return the width of a text in pixels, rounded up.

    Args:
        text: The text.
        size: The size of the font in pixels.
        bold: Whether it is bold.
    """
    table = _TABLES[bold]
    hundredths = sum(table.get(_base(char)) or _unknown_width(char) for char in text)
    return -(-hundredths * size // 100)


def _unknown_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    if unicodedata.east_asian_width(char) in "WF":
        return _WIDE
    return _LETTER if char.isalpha() else _OTHER


def shortened(text: str, width: int, size: int, *, bold: bool = False) -> str:
    """Return a text that fits a width. One that is too long has an ellipsis in its last third.

    Its end stays, because the ends of names such as ``kubernetes-worker-rack-a/3`` differ.

    Args:
        text: The text.
        width: The width in pixels.
        size: The size of the font in pixels.
        bold: Whether it is bold.
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    available = max(width - text_width(ELLIPSIS, size, bold=bold), 0) * 100
    end = _fitting_length(text[::-1], available // 3, size, bold)
    start = _fitting_length(text, available - available // 3, size, bold)
    return text[:start].rstrip() + ELLIPSIS + text[len(text) - end :].lstrip()


def _fitting_length(text: str, available: int, size: int, bold: bool) -> int:
    """Return how many characters of a text that is too long fit into hundredths of a pixel."""
    used = 0
    for position, char in enumerate(text):
        used += text_width(char, 100, bold=bold) * size
        if used > available:
            return position
    return len(text)


def wrapped(words: list[str], width: int, size: int, separator: str = ", ") -> Iterator[str]:
    """Yield lines of words that fit a width. A word that is too long is shortened.

    Args:
        words: The words.
        width: The width in pixels.
        size: The size of the font in pixels.
        separator: The text between two words, which stays at the end of a line.
    """
    line = ""
    for index, word in enumerate(words):
        text = word if index + 1 == len(words) else word + separator
        if line and text_width((line + text).rstrip(), size) > width:
            yield shortened(line.rstrip(), width, size)
            line = ""
        line += text
    if line:
        yield shortened(line.rstrip(), width, size)
