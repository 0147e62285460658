"""Texts have a width without a font, and fit a width."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botlab.picture.text_width import has_known_widths, shortened, text_width, wrapped


@pytest.mark.parametrize(
    ("text", "size", "bold", "width"),
    [
        ("", 12, False, 0),
        ("W", 100, False, 99),
        ("W", 100, True, 111),
        ("iii", 10, False, 9),  # 8.4
        ("etcd/0", 12, False, 38),  # 38.28
        ("…≥·", 100, False, 222),
        ("漢", 100, False, 105),
        ("é", 100, False, 62),
        ("Ö", 100, True, 85),
        ("“→”", 100, False, 188),
        ("“ß", 100, True, 138),
        ("ľ", 100, False, 38),
        ("Ớ", 100, False, 75),
        ("ж", 100, False, 75),
        ("⚠", 100, False, 110),
        ("e\u0301", 100, False, 62),
    ],
)
def test_width_is_that_of_dejavu_sans(text: str, size: int, bold: bool, width: int) -> None:
    assert text_width(text, size, bold=bold) == pytest.approx(width, abs=1)


def test_only_the_widths_of_latin_characters_are_known() -> None:
    assert has_known_widths("kubernetes-worker/0 ≥ 8 · …")
    assert has_known_widths("Käfig: „nicht bereit“")
    assert not has_known_widths("узел")
    assert not has_known_widths("e\u0301")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("kubernetes-worker-rack-a/12", 400, "kubernetes-worker-rack-a/12"),
        ("kubernetes-worker-rack-a/12", 120, "kubernetes…-a/12"),
        ("WWWWWWWW", 13, "…"),
        ("WWWWWWWW", 0, "…"),
    ],
)
def test_long_text_keeps_its_start_and_its_end(text: str, width: int, expected: str) -> None:
    assert shortened(text, width, 12) == expected


@given(st.text(max_size=40), st.integers(20, 300), st.sampled_from((11, 12, 14)), st.booleans())
@settings(max_examples=150, deadline=None)
def test_shortened_text_fits(text: str, width: int, size: int, bold: bool) -> None:
    short = shortened(text, width, size, bold=bold)

    assert text_width(short, size, bold=bold) <= width


def test_words_are_wrapped_between_each_other() -> None:
    words = ["calico", "containerd", "filesystem-client", "nvidia-runtime"]

    assert list(wrapped(words, 210, 11)) == [
        "calico, containerd, filesystem-client,",
        "nvidia-runtime",
    ]


@given(st.lists(st.text(max_size=12), max_size=12), st.integers(20, 200))
@settings(max_examples=100, deadline=None)
def test_wrapped_lines_fit(words: list[str], width: int) -> None:
    assert all(text_width(line, 11) <= width for line in wrapped(words, width, 11))
