"""Changes of a text, without regard to its grammar."""

from __future__ import annotations

import random
from collections.abc import Callable

from .words import TOKEN

TextChange = Callable[[str, random.Random, "Vocabulary"], str]


class Vocabulary:
    """The words that changes insert, and the lines of another input.

    Args:
        words: Words of the generator and of the target's inputs.
        odd_values: Values that readers may not expect.
        donor: The text of another input.
    """

    def __init__(self, words: tuple[str, ...], odd_values: tuple[str, ...], donor: str) -> None:
        self._words = words
        self._odd_values = odd_values
        self.donor = donor

    def word(self, pick: random.Random) -> str:
        """Return a word, an odd value, or a token of the other input."""
        kind = pick.randrange(3)
        tokens = TOKEN.findall(self.donor[:5000]) if kind == 0 else []
        if tokens:
            return pick.choice(tokens)
        return pick.choice(self._words if kind == 1 else self._odd_values)


def _span(pick: random.Random, length: int, most: int = 12) -> tuple[int, int]:
    start = pick.randrange(length + 1)
    return start, min(length, start + pick.randint(1, most))


def delete_lines(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Delete some lines."""
    del vocabulary
    lines = text.splitlines(keepends=True)
    start, end = _span(pick, len(lines), 5)
    return "".join(lines[:start] + lines[end:])


def copy_lines(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Insert some lines of this or of the other text."""
    lines = text.splitlines(keepends=True)
    source = lines if pick.random() < 0.5 else vocabulary.donor.splitlines(keepends=True)
    start, end = _span(pick, len(source))
    target = pick.randrange(len(lines) + 1)
    return "".join(lines[:target] + source[start:end] + lines[target:])


def indent_lines(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Move some lines to the right or to the left."""
    del vocabulary
    lines = text.splitlines(keepends=True)
    start, end = _span(pick, len(lines), 5)
    shift = pick.choice((-2, -1, 1, 2))
    moved = [" " * shift + line if shift > 0 else line[-shift:] for line in lines[start:end]]
    return "".join(lines[:start] + moved + lines[end:])


def replace_token(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Replace a word or number."""
    tokens = list(TOKEN.finditer(text))
    if not tokens:
        return text + vocabulary.word(pick)
    token = pick.choice(tokens)
    return text[: token.start()] + vocabulary.word(pick) + text[token.end() :]


def insert_word(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Insert a word anywhere."""
    position = pick.randrange(len(text) + 1)
    return text[:position] + vocabulary.word(pick) + text[position:]


def delete_characters(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Delete some characters."""
    del vocabulary
    start, end = _span(pick, len(text))
    return text[:start] + text[end:]


def replace_character(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Replace a character by any other."""
    del vocabulary
    position = pick.randrange(len(text) + 1)
    return text[:position] + chr(pick.choice((*range(128), 0xDCFF))) + text[position + 1 :]


def repeat_span(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Repeat some characters often."""
    del vocabulary
    start, end = _span(pick, len(text), 40)
    return text[:start] + text[start:end] * _count(pick) + text[end:]


def repeat_line(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Repeat a line often, with a number in its first word, so that no key occurs twice."""
    del vocabulary
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    index = pick.randrange(len(lines))
    line = lines[index].rstrip("\n")
    word = TOKEN.search(line)
    end = word.end() if word else len(line)
    copies = [f"{line[:end]}{number}{line[end:]}\n" for number in range(_count(pick))]
    return "".join(lines[: index + 1] + copies + lines[index + 1 :])


def truncate(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Cut the text off."""
    del vocabulary
    return text[: pick.randrange(len(text) + 1)]


def _count(pick: random.Random) -> int:
    """Return a number of repetitions: mostly a small one, and rarely a large one."""
    return pick.choice((2, 3, 3, 5, 10, 10, 30, 150)) if pick.random() < 0.98 else 4000


TEXT_CHANGES: tuple[TextChange, ...] = (
    delete_lines, copy_lines, copy_lines, indent_lines, replace_token, replace_token,
    replace_token, insert_word, insert_word, delete_characters, replace_character, repeat_span,
    repeat_line, truncate,
)  # fmt: skip
