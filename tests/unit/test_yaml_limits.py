"""YAML texts that would take too much memory or too deep a recursion."""

from __future__ import annotations

import pytest

from botlab import yaml_limits
from botlab.catalogue.yaml_files import load_value
from botlab.errors import BotlabError
from botlab.yaml_nodes import compose


def nested(levels: int, line_break: str) -> str:
    """Return nested mappings, one on each line."""
    return line_break.join(f"{' ' * level}a:" for level in range(levels)) + " x\n"


def chain(levels: int) -> str:
    """Return lists, each of which holds the one before through its anchor."""
    lines = ["c0: &c0 [x]"]
    lines += [f"c{level}: &c{level} [*c{level - 1}]" for level in range(1, levels)]
    return "\n".join(lines)


def bomb(levels: int) -> str:
    """Return lists, each of which holds the one before ten times."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [
        f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"])
def test_deep_nesting_is_refused_with_each_line_break_of_yaml(line_break: str) -> None:
    """PyYAML would recurse once per level."""
    compose(nested(200, line_break), "site.yaml")
    for levels in (201, 900):
        with pytest.raises(BotlabError, match=r"site.yaml:\d+: nested deeper than 200 levels"):
            compose(nested(levels, line_break), "site.yaml")


@pytest.mark.parametrize("text", ["[" * 300 + "]" * 300, "- " * 300 + "x", "? " * 300 + "x"])
def test_deep_nesting_on_one_line_is_refused(text: str) -> None:
    """By brackets or by indicators."""
    with pytest.raises(BotlabError, match="nested deeper than 200 levels"):
        compose(text, "text")


def test_nesting_through_aliases_is_refused() -> None:
    """The text itself has two levels."""
    compose(chain(190), "text")
    with pytest.raises(BotlabError, match=r"text:\d+: nested deeper than 200 levels"):
        compose(chain(999), "text")


@pytest.mark.parametrize("levels", [6, 9, 400])
def test_aliases_that_expand_exponentially_are_refused(levels: int) -> None:
    """A text of less than 500 characters would take gigabytes."""
    with pytest.raises(BotlabError, match=r"text: the aliases expand to more than 1\d\d,\d\d\d"):
        compose(bomb(min(levels, 150)), "text")


def test_defaults_that_many_machines_share_are_accepted() -> None:
    """Each alias adds ten values, which is what aliases are for."""
    shared = ", ".join(f"k{number}: v" for number in range(10))
    machines = "\n".join(f"  n{number}: *d" for number in range(20_000))

    assert len(compose(f"d: &d {{{shared}}}\nmachines:\n{machines}\n", "text")) == 1


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted before they take memory."""
    monkeypatch.setattr(yaml_limits, "MAX_NODES", 1000)
    compose("\n".join(["- x"] * 999), "text")
    with pytest.raises(BotlabError, match="text: has more than 1,000 values"):
        compose("\n".join(["- x"] * 1000), "text")


def test_an_anchor_in_itself_is_refused() -> None:
    """It would expand without end."""
    with pytest.raises(BotlabError, match="text:1: an anchor contains itself"):
        compose("a: &a [*a]", "text")


@pytest.mark.parametrize(
    ("text", "number"), [("1:30", 90), ("-1:59", -119), ("1" + ":00" * 33, 60**33), ("1_0", 10)]
)
def test_short_numbers_in_base_60_are_numbers(text: str, number: int) -> None:
    """YAML 1.1 has them, and charms in Python read options like this."""
    assert load_value(text, "file") == number


@pytest.mark.parametrize(
    "text",
    [
        *("1" + ":59" * 40, "!!int 1" + ":59" * 40),
        *(nested(900, "\r"), chain(999), bomb(9), "[" * 3000),
        *("!!bool x", "!!timestamp x", '!!int ""', "!!float x", "2001-99-99", "1" * 5000),
        "? {a: [b]}\n: c",
    ],
    ids=lambda text: text[:12],
)
def test_value_that_cannot_be_constructed_is_an_error_with_the_name_of_the_file(text: str) -> None:
    """PyYAML itself raises errors of many types."""
    with pytest.raises(BotlabError, match=r"^charm/metadata.yaml:"):
        load_value(text, "charm/metadata.yaml")
