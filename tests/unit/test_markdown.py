"""Text of a site cannot change the form of a Markdown document."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from botlab import markdown as md

markdown_it = pytest.importorskip("markdown_it")

HOSTILE = (
    "a`b",
    "`a`",
    "``",
    " a ",
    "a|b",
    r"a\|b",
    "a\nb",
    "```\n# Title\n```",
    "# Title",
    "- item",
    "<script>alert(1)</script>",
    "<!-- comment",
    "[link](javascript:alert(1))",
    "*bold* _italic_ ~~struck~~",
    "&lt;b&gt;",
    "a\x1b[31mred",
    "a\u202eb",
    "$(reboot)",
    "https://lab.example/?a=b&c",
)


def tokens_of(text: str) -> list[markdown_it.token.Token]:
    """Return the tokens of a text, with those inside of lines."""
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(text)
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


def kinds_of(text: str) -> set[str]:
    """Return the kinds of markup of a text."""
    return {token.type for token in tokens_of(text)}


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_text_is_only_text(text: str) -> None:
    line = f"Its description is: {md.plain(text)}"
    tokens = tokens_of(line)

    assert kinds_of(line) <= {
        "paragraph_open",
        "inline",
        "text",
        "text_special",
        "paragraph_close",
    }
    shown = "".join(token.content for token in tokens if token.type.startswith("text"))
    assert shown == f"Its description is: {md.visible(text)}".rstrip()


@pytest.mark.parametrize("text", HOSTILE)
def test_code_is_one_span_with_the_text(text: str) -> None:
    tokens = tokens_of(f"The file {md.code(text)} exists.")
    spans = [token.content for token in tokens if token.type == "code_inline"]

    assert spans == [md.visible(text)]
    assert [token.content for token in tokens if token.type == "text"] == ["The file ", " exists."]


def test_empty_code_is_left_out() -> None:
    assert md.code("") == ""
    assert md.codes(["a", "b"]) == "`a`, `b`"


@pytest.mark.parametrize("text", HOSTILE)
def test_cell_stays_one_cell(text: str) -> None:
    table = md.table(("name", "text"), [[md.code(text), md.plain(text)], ["c", "d"]])
    tokens = tokens_of(table)

    assert len([token for token in tokens if token.type == "td_open"]) == 4
    assert "html_block" not in {token.type for token in tokens}
    assert len(table.splitlines()) == 4


def shown_in_cells(table: str) -> list[str]:
    """Return the text of each cell, without its markup."""
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(table)
    return [
        "".join(inner.content for inner in token.children if inner.type != "html_inline")
        for token in tokens
        if token.type == "inline"
    ]


@given(st.text() | st.text("\\\\\\|||`` a<&*\n"))
@example("x|y")
@example("x\\|y")
@example("x\\\\|y")
@example("`\\\\\\|` ")
def test_cell_shows_its_text(text: str) -> None:
    """For any number of backslashes before a bar. Markdown strips spaces at the ends of a line."""
    shown = md.visible(text)
    rows = [[md.code(text), md.plain(text)], [f"a {md.code(text)}", "b"]]
    second = f"a {shown}" if shown else "a"

    cells = shown_in_cells(md.table(["c", "d"], rows))

    assert cells == ["c", "d", shown, shown.strip(), second, "b"]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x|y", r"`x\|y`"),
        (r"x\|y", r"<code>x\\&#124;y</code>"),
        (r"x\\|y|z", r"<code>x\\\\&#124;y&#124;z</code>"),
        (r"\d", r"`\d`"),
    ],
)
def test_no_cell_has_several_backslashes_before_a_bar(text: str, cell: str) -> None:
    """GitHub and other readers differ on whether the bar then ends the cell."""
    assert md.table(["a"], [[md.code(text)]]).splitlines()[2] == f"| {cell} |"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("block", [md.shell, md.output, md.yaml])
def test_line_stays_in_its_block(block: type[str], text: str) -> None:
    written = block(text, "end")
    fences = [token for token in tokens_of(f"{written}\n\nafter") if token.type == "fence"]

    assert [fence.content for fence in fences] == [f"{md.visible(text)}\nend\n"]


def test_anchor_is_that_of_the_heading() -> None:
    assert md.heading(2, "Kubeflow's login") == "## Kubeflow's login"
    assert md.anchor("Kubeflow's login") == "kubeflows-login"
    assert md.anchor("Back up") == "back-up"


def test_lists_have_one_line_for_each_text() -> None:
    assert md.bullets(["a", "b"]) == "- a\n- b"
    assert re.fullmatch(r"\| a \|\n\| --- \|\n\| b \|", md.table(["a"], [["b"]]))
