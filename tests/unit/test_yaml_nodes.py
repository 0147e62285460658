"""YAML texts as nodes, and the faults at which their parser stops."""

from __future__ import annotations

import pytest

from botlab.errors import BotlabError
from botlab.yaml_nodes import MappingNode, compose, compose_documents

FAULTS = [
    ("applications: [\n", "yaml: line 1: did not find expected node content", 2),
    ("a:\n\t- b\n", "yaml: line 2: found character that cannot start any token", 2),
    ("a: b: c\n", "yaml: mapping values are not allowed in this context", 1),
    ("x: 1\na: b: c\n", "yaml: line 2: mapping values are not allowed in this context", 2),
    ("a: 'x", "yaml: found unexpected end of stream", 1),
    ('a: 1\nb: "x\n', "yaml: line 3: found unexpected end of stream", 3),
    ("{a: 1\n", "yaml: line 1: did not find expected ',' or '}'", 2),
    ("a: [1\n", "yaml: line 1: did not find expected ',' or ']'", 2),
    ("- a\nb: 1\n", "yaml: line 1: did not find expected '-' indicator", 2),
    ("a: 1\n- b\n", "yaml: line 1: did not find expected key", 2),
    ('a: "\\q"', "yaml: found unknown escape character", 1),
    ("a: @x", "yaml: found character that cannot start any token", 1),
    (
        "a: |\n\t x\n",
        "yaml: line 2: found a tab character where an indentation space is expected",
        2,
    ),
    ("a: !u!x 1", "yaml: found undefined tag handle", 1),
    ("%YAML 2.0\n---\na: 1\n", "yaml: found incompatible YAML document", 1),
    ("a: \x01", "yaml: control characters are not allowed", 0),
    ("a: *devices\n", "yaml: unknown anchor 'devices' referenced", 1),
    ("a:\n- &x 1\n- [*x, *other-1]\n", "yaml: unknown anchor 'other-1' referenced", 3),
    ("a: &x 1\nb: &x 2\nc: [*x, *y]\n", "yaml: unknown anchor 'y' referenced", 3),
    ("a: &x 1\n---\nb: *x\n", "yaml: unknown anchor 'x' referenced", 3),
]


@pytest.mark.parametrize(("text", "message", "line"), FAULTS)
def test_fault_has_the_words_of_go_and_its_own_line(text: str, message: str, line: int) -> None:
    """Go's library counts lines in its own way, so the true line is kept beside its words."""
    fault = compose_documents(text, "text").fault

    assert fault is not None
    assert (fault.go_message, fault.line) == (message, line)


def test_documents_before_a_fault_are_kept() -> None:
    """Juju reads one document after the other."""
    composed = compose_documents("a: 1\n---\nb: 2\n---\nc: [", "text")

    assert len(composed.roots) == 2
    assert composed.fault is not None


def test_repeated_anchor_replaces_the_first_one() -> None:
    """As in Go's library; PyYAML alone refuses it."""
    (root,) = compose("a: &x [1, 2, 3]\nb: &x {k: two}\nc: *x\n", "text")

    assert isinstance(root, MappingNode)
    values = {key.value: child for key, child in root.value}
    assert values["c"] is values["b"]
    assert [child.value for child in values["a"].value] == ["1", "2", "3"]


def test_error_names_the_file_and_the_position() -> None:
    """A site file that is not YAML cannot be read."""
    with pytest.raises(BotlabError) as error:
        compose("a: 1\nb: *none\n", "site.yaml")

    assert error.value.message == (
        "site.yaml:2:4: cannot be read as YAML: found undefined alias: no anchor 'none' stands"
        " before it in this document"
    )
