"""Reading bundles and their overlays."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab.bundle import BundleSource, parse_bundle
from botlab.bundle.trust import is_trusted
from botlab.errors import BotlabError
from botlab.findings import path_text
from botlab.juju import Juju
from botlab.rules.juju import juju_findings


def test_type_error_names_the_key_and_line_besides_the_message_of_juju() -> None:
    """Juju's own message misleads, so a lab finding gives the real cause."""
    text = "applications:\n  a:\n    charm: x\n    to: y\n"
    parsed = parse_bundle(BundleSource(text), Juju.V2_9)

    assert [(f.id, path_text(f.path), f.line) for f in parsed.findings] == [
        ("BL002", "applications.a.to", 4)
    ]
    assert parsed.findings[0].message == (
        "applications.a.to must be a list of strings, but is the boolean `y`; Juju then ignores"
        " the whole document, or stops with another message"
    )
    assert [f.message for f in juju_findings(parsed, Juju.V2_9)] == [
        "at least one application must be specified"
    ]


@pytest.mark.parametrize("name", ['a"b', "a.b", "a b", "a[0]"])
def test_path_of_a_finding_holds_a_name_with_special_characters_as_one_part(name: str) -> None:
    """The path is data, so no character of a name can split it."""
    text = f"applications:\n  '{name}':\n    charm: x\n    colour: red\n"

    (finding,) = parse_bundle(BundleSource(text), Juju.V2_9).findings

    assert finding.path == ("applications", name, "colour")
    assert finding.line == 4


def test_overlay_adds_changes_and_removes() -> None:
    """Mappings are merged, null removes an application with its relations, relations are added."""
    base = "applications: {a: {charm: a, options: {x: 1}}, b: {charm: b}}\nrelations: [[a, b]]"
    overlay = "applications: {a: {options: {y: 2}}, b: , c: {charm: c}}\nrelations: [[a, c]]"
    overlays = [BundleSource(overlay, "overlay.yaml")]
    bundle = parse_bundle(BundleSource(base), Juju.V2_9, overlays).bundle

    assert sorted(bundle.applications) == ["a", "c"]
    assert bundle.applications["a"] is not None
    assert bundle.applications["a"].options == {"x": 1, "y": 2}
    assert bundle.relations == [["a", "c"]]


@pytest.mark.parametrize("text", ["a: &x [*x]", "[" * 5000])
def test_malicious_text_raises_a_botlab_error(text: str) -> None:
    """Text that would exhaust memory or stack gives a single error."""
    with pytest.raises(BotlabError):
        parse_bundle(BundleSource(text), Juju.V2_9)


KEYS = ["applications", "machines", "relations", "a", "charm", "to", "num_units", "options", "<<"]
LEAVES = ["x", "1", "~", "*a", "&a b", "[1", "{", "1e999", "0x", "lxd:0", "-"]
INDENTED_LINES = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(KEYS), st.sampled_from(LEAVES)), max_size=12
).map(lambda lines: "\n".join(f"{'  ' * depth}{key}: {leaf}" for depth, key, leaf in lines))


def check_for_each_release(text: str) -> None:
    """Read a text and run Juju's rules over it, as each Juju release does."""
    for juju in Juju:
        try:
            juju_findings(parse_bundle(BundleSource(text), juju), juju)
        except BotlabError:
            continue


@settings(
    max_examples=200,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.one_of(st.text(), INDENTED_LINES))
def test_any_text_gives_findings_or_a_botlab_error(text: str) -> None:
    """Random text and random lines of a bundle raise nothing else."""
    check_for_each_release(text)


def test_relation_is_located_in_the_document_that_has_its_ends() -> None:
    """Each overlay counts its relations from 0, as the base does."""
    base = """\
applications: {a: {charm: x}, b: {charm: y}}
relations:
- [a:one, b:one]
- [a:two, b:one]
- [a:one, b:one]
"""
    overlay = "relations:\n\n- [b:new, a:new]\n"
    sources = [BundleSource(overlay, "over.yaml")]
    parsed = parse_bundle(BundleSource(base, "bundle.yaml"), Juju.V3_6, sources)

    assert parsed.bundle.relations[3] == ["b:new", "a:new"]
    assert [parsed.locate(("relations", index)) for index in range(4)] == [
        ("bundle.yaml", (3, 3)),
        ("bundle.yaml", (4, 3)),
        ("bundle.yaml", (5, 3)),
        ("over.yaml", (3, 3)),
    ]
    assert parsed.locate(("relations", 1, 0)) == ("bundle.yaml", (4, 3))


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_value_with_a_wrong_tag_is_located(juju: Juju) -> None:
    text = "applications:\n  a: {charm: b,\n    num_units: !!int x}\n"

    (finding,) = parse_bundle(BundleSource(text, "bundle.yaml"), juju).findings

    assert (finding.path, finding.line) == (("applications", "a", "num_units"), 3)
    assert finding.fix == "correct the value, or remove its tag"


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_later_null_documents_and_those_of_overlays_do_no_harm(juju: Juju) -> None:
    base = "applications: {a: {charm: x}}\n"
    overlay = BundleSource("null\n---\napplications: {a: {num_units: 2}}\n", "over.yaml")

    assert parse_bundle(BundleSource(f"{base}---\nnull\n"), juju).findings == ()
    parsed = parse_bundle(BundleSource(base), juju, [overlay])
    assert parsed.findings == ()
    assert parsed.bundle.applications["a"].num_units == 2


@pytest.mark.parametrize(
    ("fields", "trusted"),
    [
        ("trust: true", True),
        ("options: {trust: true}", True),
        ("options: {trust: 'true'}", False),
        ("options: {trust: 1}", False),
        ("options: {trust: false}", False),
        ("trust: false", False),
    ],
)
def test_trust_is_a_key_or_an_option(fields: str, trusted: bool) -> None:
    text = f"applications: {{a: {{charm: x, {fields}}}}}"
    application = parse_bundle(BundleSource(text), Juju.V3_6).bundle.applications["a"]

    assert is_trusted(application) is trusted
