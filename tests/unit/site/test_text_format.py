"""Formats of strings."""

from __future__ import annotations

import pytest

from botlab.site.text_format import TextFormat

WORD = TextFormat("^[a-z]{2,5}$", "a word", "write 2 to 5 letters")


@pytest.mark.parametrize("text", ["", "ab", "abcde"])
def test_optional_text_is_empty_or_of_the_format(text: str) -> None:
    assert WORD.or_empty().fits(text)


@pytest.mark.parametrize("text", ["a", "abcdef", " ", "ab\n", "abab12", "()"])
def test_other_texts_do_not_fit_an_optional_format(text: str) -> None:
    assert not WORD.or_empty().fits(text)


def test_all_choices_of_a_format_may_be_empty() -> None:
    choice = TextFormat("^(up|down)$", "a direction", "write up or down").or_empty()
    assert [text for text in ("", "up", "down", "u", "updown") if choice.fits(text)] == [
        "",
        "up",
        "down",
    ]


def test_optional_format_has_the_advice_of_the_format_or_its_own() -> None:
    own = "write 2 to 5 letters, or nothing"
    assert (WORD.or_empty().refusal, WORD.or_empty(own).refusal) == (
        "not a word; write 2 to 5 letters",
        f"not a word; {own}",
    )
