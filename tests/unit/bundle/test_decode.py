"""Decoding YAML nodes into the types of Juju's Go code."""

from __future__ import annotations

import pytest

from botlab.bundle import Application, BundleSource, ParsedBundle, parse_bundle
from botlab.juju import Juju


def parsed(text: str, juju: Juju = Juju.V2_9) -> ParsedBundle:
    """Return a bundle as a Juju release reads it."""
    return parse_bundle(BundleSource(text), juju)


def application(body: str, juju: Juju = Juju.V2_9) -> Application:
    """Return the application `a` of a bundle."""
    bundle = parsed(f"applications: {{a: {{charm: x, {body}}}}}", juju)
    decoded = bundle.bundle.applications["a"]
    assert bundle.findings == ()
    assert decoded is not None
    return decoded


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1.5", 1),
        ("1.0", 1),
        ("1e+1", 10),
        ("0x10", 16),
        ("0o17", 15),
        ("0b11", 3),
        ("1_0", 10),
        ("~", 0),
        ('!!int "5"', 5),
        ("-1e+30", -(2**63)),
    ],
)
def test_number_of_units_is_any_number_that_go_can_convert(text: str, units: int) -> None:
    """A fraction is cut off."""
    assert application(f"num_units: {text}").num_units == units


@pytest.mark.parametrize("text", ["1e3", "08", "1:30", "'5'", "x", "9223372036854775808", ".nan"])
def test_text_that_is_no_number_for_go_is_a_type_error(text: str) -> None:
    """YAML 1.1 reads some of them as numbers."""
    findings = parsed(f"applications: {{a: {{charm: x, num_units: {text}}}}}").findings

    assert [finding.id for finding in findings] == ["BL002"]
    assert findings[0].path == ("applications", "a", "num_units")


@pytest.mark.parametrize(
    ("text", "series"),
    [("1.0", "1.0"), ("1e3", "1e3"), ("yes", "yes"), ("Null", ""), ("!!binary aGk=", "hi")],
)
def test_text_field_keeps_the_spelling_of_a_scalar(text: str, series: str) -> None:
    """Except for null and for binary data."""
    assert application(f"series: {text}").series == series


def test_options_have_the_types_of_go() -> None:
    """A timestamp is a text."""
    body = "options: {a: 1.0, b: 0x10, c: 2019-01-02, d: !!str 5, e: 18446744073709551615, f: 1e3}"

    assert application(body).options == {
        "a": 1.0,
        "b": 16,
        "c": "2019-01-02",
        "d": "5",
        "e": 2**64 - 1,
        "f": "1e3",
    }


def test_mapping_from_an_anchor_gets_the_keys_that_follow() -> None:
    """go-yaml adds to a mapping that is already there; a list is replaced."""
    text = (
        "x: &x {options: {one: 1, two: 1}, to: [new, new], expose: true}\n"
        "applications: {a: {<<: *x, charm: x, options: {two: 2}, to: [new]}}\n"
    )
    bundle = parsed(text)

    decoded = bundle.bundle.applications["a"]
    assert decoded is not None
    assert (decoded.options, decoded.to, decoded.expose) == ({"one": 1, "two": 2}, ["new"], True)
    assert [finding.id for finding in bundle.findings] == ["BL001"]


def test_first_mapping_of_a_merged_list_wins() -> None:
    """As in go-yaml v2."""
    text = "x: [&x {series: focal}, &y {series: jammy}]\napplications: {a: {<<: [*x, *y]}}"
    decoded = parsed(text).bundle.applications["a"]

    assert decoded is not None
    assert decoded.series == "focal"


def test_repeated_mapping_keeps_the_entries_of_the_first_one() -> None:
    """The lab reports the repeated key."""
    bundle = parsed("applications: {a: {charm: x}}\napplications: {b: {charm: y}}")

    assert sorted(bundle.bundle.applications) == ["a", "b"]
    assert [finding.id for finding in bundle.findings] == ["BL005"]


@pytest.mark.parametrize(
    ("null", "revision", "is_application"),
    [("null", None, False), ("~", None, False), ("", None, False), ("Null", 0, True)],
)
def test_only_some_spellings_of_null_leave_a_pointer_nil(
    null: str, revision: int | None, is_application: bool
) -> None:
    """Juju's YAML library makes an empty value of the others."""
    bundle = parsed(f"applications: {{a: {null}, b: {{charm: x, revision: {null}}}}}").bundle

    second = bundle.applications["b"]
    assert second is not None
    assert second.revision == revision
    assert (bundle.applications["a"] is not None) is is_application


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("applications: {a: {<<: 5}}", "map merge requires map or sequence of maps as the value"),
        (
            "applications: {a: {<<: [5]}}",
            "map merge requires map or sequence of maps as the value",
        ),
        ("applications: {a: {num_units: !!int x}}", "cannot decode !!str `x` as a !!int"),
        (
            "applications: {a: {options: {x: {{k: 1}: 2}}}}",
            'invalid map key: map[interface {}]interface {}{"k":1}',
        ),
        (
            "applications: {a: {options: {x: {[1, z]: 2}}}}",
            'invalid map key: []interface {}{1, "z"}',
        ),
    ],
)
@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_document_that_go_cannot_decode_is_refused(juju: Juju, text: str, reason: str) -> None:
    """With the words of the YAML library."""
    bundle = parsed(text, juju)

    assert bundle.is_refused
    assert [finding.message for finding in bundle.findings] == [
        f"cannot unmarshal bundle contents: unmarshal document 0: yaml: {reason}"
    ]


def test_key_that_juju_4_does_not_read_may_have_any_type() -> None:
    """The rules of the lab still see a text."""
    text = "series: {}\napplications: {a: {charm: x, series: [1]}, b: {charm: x, series: jammy}}\n"
    bundle = parsed(text, Juju.V4_0)

    second = bundle.bundle.applications["b"]
    assert not bundle.findings
    assert second is not None
    assert (bundle.bundle.series, second.series) == ("", "jammy")
