"""The URLs in built pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from website.urls import external_links, fetched_urls


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://cdn.io/x"></script>'),
        ("a.html", '<link rel="stylesheet" href="https://cdn.io/x">'),
        ("a.html", '<img src="//cdn.io/x">'),
        ("a.html", '<svg><image xlink:href="https://cdn.io/x"/></svg>'),
        ("a.html", '<form action="https://cdn.io/x"></form>'),
        ("a.html", '<style>a { background: url("https://cdn.io/x") }</style>'),
        ("a.css", "@import 'https://cdn.io/x';"),
        ("a.css", "a { src: url(https://cdn.io/x) }"),
        ("a.svg", '<svg><style>@import url("https://cdn.io/x");</style></svg>'),
        ("a.svg", '<svg><image href="https://cdn.io/x"/></svg>'),
    ],
)
def test_what_a_browser_fetches_from_another_host(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    assert [url.removeprefix("https:") for url in fetched_urls(tmp_path)] == ["//cdn.io/x"]
    assert external_links(tmp_path) == []


def test_links_to_follow_are_listed_once_and_sorted(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text('<a href="https://b.io">b</a><a href="c.html#x">c</a>')
    (tmp_path / "a.html").write_text(
        '<a href="https://b.io">b</a><a href="http://a.io/x">a</a><img src="x.svg"><a href="#y">'
    )

    assert external_links(tmp_path) == ["http://a.io/x", "https://b.io"]
    assert fetched_urls(tmp_path) == []
