"""The questions that a command asks on the terminal."""

from __future__ import annotations

import io
import sys

import pytest

from botlab.cli.dialogue import TerminalDialogue
from botlab.errors import BotlabError
from helpers.terminals import Terminal


@pytest.mark.parametrize(
    ("typed", "is_confirmed"),
    [
        ("y\n", True),
        (" Yes \n", True),
        ("YES", True),
        ("n\n", False),
        ("\n", False),
        ("", False),
        ("yeah\n", False),
        ("no\ny\n", False),
    ],
)
def test_only_a_typed_yes_confirms(
    typed: str,
    is_confirmed: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The question goes to standard error, because standard output may be a file."""
    lines = io.StringIO()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    assert TerminalDialogue(lines).confirm("Remove 2 units?") is is_confirmed
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Remove 2 units? [y/N] ")
    assert lines.getvalue() == ""


@pytest.mark.parametrize("standard_input", [None, io.StringIO("y\n")])
def test_question_without_a_terminal_is_an_error(
    standard_input: io.StringIO | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file of answers confirms nothing: the option --yes does."""
    monkeypatch.setattr(sys, "stdin", standard_input)

    with pytest.raises(BotlabError) as raised:
        TerminalDialogue(io.StringIO()).confirm("Remove 2 units?")
    assert str(raised.value) == (
        "nobody can confirm the changes, because standard input is not a terminal; read them"
        " above, and add --yes to make them"
    )
    assert capsys.readouterr().err == ""


def test_lines_go_to_the_stream_of_the_dialogue(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty line separates paragraphs."""
    lines = io.StringIO()
    dialogue = TerminalDialogue(lines)
    dialogue.show("add unit a/0")
    dialogue.show()

    assert lines.getvalue() == "add unit a/0\n\n"
    assert capsys.readouterr() == ("", "")
