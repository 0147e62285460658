"""Makes new inputs from old ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .inputs import Input, bytes_of, text_of
from .text_changes import TEXT_CHANGES, Vocabulary
from .tree_changes import change_tree
from .words import ODD_VALUES, TOKEN, code_words

LARGEST = 100_000


class Mutator:
    """The source of new inputs.

    Args:
        pick: The source of random numbers.
        seeds: Inputs whose words are used too.
    """

    def __init__(self, pick: random.Random, seeds: Sequence[Input]) -> None:
        self._pick = pick
        own = {word for parts in seeds for part in parts for word in TOKEN.findall(text_of(part))}
        self._words = (*sorted(own), *code_words())

    def mutate(self, parts: Input, donor: Input) -> Input:
        """Return a changed copy of an input of at most 100 kB.

        Args:
            parts: The input.
            donor: Another input, parts of which may be copied.
        """
        changed = list(parts)
        for _ in range(self._pick.choice((1, 1, 1, 2, 2, 4, 8))):
            index = self._pick.randrange(len(parts))
            changed[index] = self._change(changed[index], donor[index])
        most = LARGEST // len(parts)
        return tuple(part[:most] for part in changed)

    def _change(self, part: bytes, donor: bytes) -> bytes:
        if self._pick.random() < 0.02:
            return donor
        vocabulary = Vocabulary(self._words, tuple(ODD_VALUES), text_of(donor))
        is_tree = self._pick.random() < 0.6
        change = change_tree if is_tree else self._pick.choice(TEXT_CHANGES)
        return bytes_of(change(text_of(part), self._pick, vocabulary))
