"""HCL as the formatter of OpenTofu and Terraform writes it, with texts that stay texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botlab.terraform.document import (
    Attribute,
    Block,
    FileContent,
    Reference,
    Section,
    Template,
    Value,
)
from botlab.terraform.hcl import quote, write_sections
from helpers.hcl_format import format_faults

MACHINE = Reference("juju_machine", "gpu0", "machine_id")


def written(*body: Attribute | Block) -> str:
    """Return the text of a block."""
    return write_sections([Section("", [Block("resource", ("a", "b"), list(body))])])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", '"plain"'),
        ("", '""'),
        ('say "hi"', r'"say \"hi\""'),
        (r"zones=a\ b", r'"zones=a\\ b"'),
        ("a\nb", r'"a\nb"'),
        ("a\r\n\tb", r'"a\r\n\tb"'),
        ("${var.x}", '"$${var.x}"'),
        ("%{if true}", '"%%{if true}"'),
        ("$${x} %%{y}", '"$$${x} %%%{y}"'),
        ("$ 5% {x}", '"$ 5% {x}"'),
        ("\x00\x1b", r'"\u0000\u001b"'),
        ("\u202e\U000e0041", r'"\u202e\U000e0041"'),
        ("Käfig", '"Käfig"'),
    ],
)
def test_text_is_escaped(text: str, expected: str) -> None:
    """No text starts an interpolation, a directive or a line."""
    assert quote(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: ${x}\n", "<<EOT\na: 1\nb: $${x}\nEOT"),
        ('a\\n\n"b"\n', '<<EOT\na\\n\n"b"\nEOT'),
        # A heredoc ends with a line break, has no escapes, and ends at its mark.
        ("a: 1\nb: 2", r'"a: 1\nb: 2"'),
        ("a: 1\n", r'"a: 1\n"'),
        ("a\n\tb\n", r'"a\n\tb\n"'),
        ("a\n  EOT\n", r'"a\n  EOT\n"'),
        ("a\r\nb\r\n", r'"a\r\nb\r\n"'),
    ],
)
def test_lines_are_a_heredoc_if_it_means_the_same(text: str, expected: str) -> None:
    assert written(Attribute("x", text)) == f'resource "a" "b" {{\n  x = {expected}\n}}\n'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (MACHINE, "juju_machine.gpu0.machine_id"),
        (Template("lxd:", MACHINE), '"lxd:${juju_machine.gpu0.machine_id}"'),
        (Template("${", MACHINE), '"$${${juju_machine.gpu0.machine_id}"'),
        ([MACHINE], "[juju_machine.gpu0.machine_id]"),
        (FileContent("ca.pem"), 'file("${path.module}/ca.pem")'),
        (FileContent("/etc/ca.pem", is_base64=True), 'filebase64("/etc/ca.pem")'),
        (FileContent('a"${b}'), r'file("${path.module}/a\"$${b}")'),
        (["a", "b"], '[\n    "a",\n    "b",\n  ]'),
        ({"a": "1", "long-key": "2"}, '{\n    a        = "1"\n    long-key = "2"\n  }'),
        ({"for": "1", "1a": "2", "ü": "3"}, '{\n    "for"    = "1"\n    "1a"     = "2"\n'
         '    "\\u00fc" = "3"\n  }'),
        # Only a line break ends a heredoc, so a list has none.
        (["a\nb\n"], r'["a\nb\n"]'),
        (["a\nb\n", "c"], '[\n    "a\\nb\\n",\n    "c",\n  ]'),
        ([{"space": "lan"}], '[\n    {\n      space = "lan"\n    },\n  ]'),
    ],
)  # fmt: skip
def test_values(value: Value, expected: str) -> None:
    assert written(Attribute("x", value)) == f'resource "a" "b" {{\n  x = {expected}\n}}\n'


def test_attributes_are_aligned_and_blocks_are_apart() -> None:
    """Also around a heredoc, which counts as one line; an empty block is one line."""
    body = [
        Attribute("name", "etcd"),
        Attribute("units", 3),
        Block("expose"),
        Attribute("constraints", "a\nb\n"),
        Attribute("x", "y"),
    ]

    assert written(*body) == (
        'resource "a" "b" {\n  name  = "etcd"\n  units = 3\n\n  expose {}\n\n'
        '  constraints = <<EOT\na\nb\nEOT\n  x           = "y"\n}\n'
    )


def test_sections_have_titles_unless_they_are_empty() -> None:
    sections = [
        Section("", [Block("provider", ("juju",))]),
        Section("Offers", []),
        Section("Model", [Block("resource", ("juju_model", "lab"))]),
    ]

    assert write_sections(sections) == (
        'provider "juju" {}\n\n# Model\n\nresource "juju_model" "lab" {}\n'
    )


TEXTS = st.text(max_size=20) | st.sampled_from(["a\nb\n", "${x}", "%{y}", '"', "\\", "EOT\n\n"])
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers() | st.just(MACHINE),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(TEXTS, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["a", "long-name", "b_c"]), VALUES, min_size=1))
@settings(max_examples=150, deadline=None)
def test_any_value_is_written_as_the_formatter_does(values: dict[str, Value]) -> None:
    """The independent check of the form finds no line to change."""
    text = written(*(Attribute(name, value) for name, value in values.items()))

    assert format_faults(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a {\n b = 1\n}\n", "2:  b = 1"),
        ("a {\n  b = 1\n  cd = 2\n}\n", "2:   b = 1"),
        ("a {\n  b  = 1\n}\n", "2:   b  = 1"),
        ("a {\n  b  = [\n    1,\n  ]\n}\n", "2:   b  = ["),
        ("a {\n  b = {\n    c = 1\n    }\n}\n", "4:     }"),
        ("a {\n  b = 1 \n}\n", "2:   b = 1 "),
        ("a {}\n\n", "the end of the file"),
    ],
)
def test_check_of_the_form_finds_lines_that_the_formatter_changes(text: str, line: str) -> None:
    assert line in format_faults(text)
