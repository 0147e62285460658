"""Suggestions of similar words."""

from __future__ import annotations

from botlab.findings import Suggestions, similar, suggest, use_one_of

NAMES = [f"name{number}" for number in range(2000)]


def test_most_similar_word_is_suggested() -> None:
    """Or else the words that begin with the word as written."""
    assert suggest("optoin", ["option", "other"], "remove it") == "did you mean option?"
    assert similar("a", ["abcdefgh", "abcdefgi", "b"]) == ["abcdefgh", "abcdefgi"]
    assert suggest("zzz", ["option"], "remove it") == "remove it"
    assert similar("", ["option"]) == []


def test_only_the_first_choices_of_a_long_list_are_compared() -> None:
    """Each comparison takes time."""
    assert similar("name999x", NAMES) == ["name999"]
    assert similar("name1999", ["a"] * 1000 + NAMES) == []


def test_very_long_words_are_not_compared() -> None:
    """The time of a comparison grows with the square of the length."""
    assert similar("a" * 80, ["a" * 79, "a" * 81]) == ["a" * 79]
    assert similar("a" * 81, ["a" * 80]) == []
    assert similar("a", ["a" * 81]) == ["a" * 81]


def test_first_words_of_a_check_get_suggestions() -> None:
    """Many wrong words have another reason than typing errors."""
    suggestions = Suggestions()

    fixes = [suggestions.suggest(f"option{number}", ["option"], "-") for number in range(102)]

    assert fixes == ["did you mean option?"] * 100 + ["-"] * 2


def test_a_few_choices_stand_for_very_many() -> None:
    assert use_one_of(["a", "b"]) == "use one of a, b"
    assert use_one_of(NAMES[:50]).endswith(", name48, name49")
    assert use_one_of(NAMES[:52]).endswith(", name48, name49 and 2 more")
