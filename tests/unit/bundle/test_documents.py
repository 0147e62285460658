"""The documents of bundle files, and Juju's words where it stops reading them."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, ParsedBundle, parse_bundle
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

MODERN = (Juju.V2_9, Juju.V3_6, Juju.V4_0)
SOUND = "applications: {a: {charm: x}}\n"
READING = "cannot unmarshal bundle contents: unmarshal document"


def parsed(text: str, juju: Juju, overlay: str = "") -> ParsedBundle:
    """Return a bundle with an overlay file as a Juju release reads it."""
    overlays = [BundleSource(overlay, "over.yaml", "/lab")] if overlay else []
    return parse_bundle(BundleSource(text, "bundle.yaml", "/lab"), juju, overlays)


def messages(text: str, juju: Juju, overlay: str = "") -> list[str]:
    """Return the messages of a Juju release about a bundle."""
    return [finding.message for finding in juju_findings(parsed(text, juju, overlay), juju)]


@pytest.mark.parametrize("juju", MODERN)
def test_unknown_anchor_is_named(juju: Juju) -> None:
    """Overlays often use an anchor of the base, which ends with its document."""
    text = "applications:\n  a: {charm: x, options: {osd: *devices}}\n"
    overlay = "applications: {a: {options: &o {x: 1}}}\n---\napplications: {a: {options: *o}}"

    assert messages(text, juju) == [f"{READING} 0: yaml: unknown anchor 'devices' referenced"]
    assert messages(SOUND, juju, overlay) == [
        f"unable to process overlays: {READING} 1: yaml: unknown anchor 'o' referenced"
    ]


@pytest.mark.parametrize("juju", MODERN)
def test_message_of_a_refused_document_has_no_suffix(juju: Juju) -> None:
    """The client reads local files by LocalBundleDataSource."""
    both = "applications: {a: {charm: x, scale: 1, num_units: 1}}"
    problem = 'cannot specify both scale and num_units for application "a"'

    assert messages(both, juju) == [f"{READING} 0: {problem}"]
    assert messages(f"{SOUND}---\n{both}", juju) == [f"{READING} 1: {problem}"]


def test_finding_of_a_fault_has_its_file_and_line() -> None:
    """Go's words count lines in another way."""
    (finding,) = parsed(SOUND, Juju.V2_9, "applications:\n  a: [\n").findings

    assert (finding.file, finding.line) == ("over.yaml", 3)
    assert finding.fix == (
        "correct the YAML text: line 3, column 1: did not find expected node content while parsing"
        " a flow node"
    )


@pytest.mark.parametrize("text", ["a: [", "applications: {a: {charm: x, to: y}}"])
def test_juju_2_6_hides_the_reason_and_the_fix_shows_it(text: str) -> None:
    """It takes what it cannot read for a charm."""
    refusal = parsed(text, Juju.V2_6).findings[-1]

    assert refusal.message == 'invalid charm or bundle provided at "./bundle.yaml"'
    assert refusal.fix.startswith("Juju 2.6 hides the reason: yaml: ")


def test_juju_2_6_shows_the_reason_for_an_overlay() -> None:
    """Overlays are read by another function."""
    assert messages(SOUND, Juju.V2_6, "a: *x") == [
        'unable to process overlays: unable to read bundle overlay file "/lab/over.yaml": cannot'
        " unmarshal bundle data: yaml: unknown anchor 'x' referenced"
    ]


@pytest.mark.parametrize("second", ["applications: {b: {charm: y}}", "c: [", "a: *x"])
def test_juju_2_6_reads_only_the_first_document(second: str) -> None:
    """Whatever follows may even be no YAML."""
    bundle = parsed(f"{SOUND}---\n{second}\n", Juju.V2_6)

    assert list(bundle.bundle.applications) == ["a"]
    assert not bundle.findings


@pytest.mark.parametrize("juju", MODERN)
@pytest.mark.parametrize("text", ["---\n", "~\n---\napplications: {a: {charm: x}}\n"])
def test_empty_first_document_makes_the_client_crash(juju: Juju, text: str) -> None:
    """Unlike an empty file, which Juju refuses."""
    bundle = parsed(text, juju)

    assert [(finding.id, finding.when) for finding in bundle.findings] == [("BL100", "dry-run")]
    assert messages("# nothing\n", juju) == ["malformed bundle: bundle is empty not valid"]


@pytest.mark.parametrize("juju", MODERN)
def test_overlay_is_the_base_of_an_empty_file(juju: Juju) -> None:
    """Juju takes the first document of all files."""
    assert messages("", juju, SOUND) == []


@pytest.mark.parametrize("juju", MODERN)
def test_null_in_saas_makes_the_client_crash_unless_an_overlay_removes_it(juju: Juju) -> None:
    """An empty mapping does not, and Juju reports its own faults first."""
    saas = f"{SOUND}saas:\n  store:\n"
    findings = parsed(saas, juju).findings

    assert [(finding.id, finding.path) for finding in findings] == [("BL100", ("saas", "store"))]
    assert not parsed(f"{SOUND}saas: {{store: {{}}}}", juju).findings
    assert not parsed(f"{saas}---\nsaas: {{store: }}\n", juju).findings
    assert messages(f"{saas}relations: [[a]]", juju) == ['relation ["a"] has 1 endpoint(s), not 2']


@pytest.mark.parametrize("juju", MODERN)
def test_null_offer_of_a_new_application_makes_the_client_crash(juju: Juju) -> None:
    """Over an application of the base it only removes the offer."""
    new = parsed(f"{SOUND}---\napplications: {{b: {{charm: x, offers: {{o: }}}}}}\n", juju)
    old = parsed(f"{SOUND}---\napplications: {{a: {{offers: {{o: }}}}}}\n", juju)

    path = ("applications", "b", "offers", "o")
    assert [(finding.id, finding.path) for finding in new.findings] == [("BL100", path)]
    assert not old.findings


def test_null_application_makes_juju_2_6_crash() -> None:
    """The later releases report it."""
    bundle = parsed("applications: {a: }", Juju.V2_6)

    assert bundle.is_refused
    assert [finding.id for finding in bundle.findings] == ["BL100"]


@pytest.mark.parametrize("juju", MODERN)
def test_fields_of_overlays_in_a_base_give_one_message(juju: Juju) -> None:
    """An empty value that is not null counts, and the client shows only the first."""
    text = "applications: {a: {charm: x, offers: {o: {endpoints: [], acl: }}}}"
    alone = "applications: {a: {charm: x, exposed-endpoints: {}}}"
    only = "can only appear in an overlay section"

    assert messages(text, juju) == [f"applications.a.offers {only} (and 1 more errors)"]
    assert messages(alone, juju) == [f"applications.a.exposed-endpoints {only}"]
    for key, field in (
        ("offers", "endpoints: [e]"),
        ("offers", "acl: {u: read}"),
        ("exposed-endpoints", "expose-to-spaces: [s]"),
        ("exposed-endpoints", "expose-to-cidrs: [10.0.0.0/8]"),
    ):
        one = f"applications: {{a: {{charm: x, {key}: {{o: {{{field}}}}}}}}}"
        assert messages(one, juju) == [f"applications.a.{key} {only} (and 1 more errors)"]
    both = "offers: {o: {endpoints: [e], acl: {u: read}}}"
    assert messages(f"applications: {{a: {{charm: x, {both}}}}}", juju) == [
        f"applications.a.offers {only} (and 2 more errors)"
    ]
    assert messages("applications: {a: {charm: x, offers: }}", juju) == []


@pytest.mark.parametrize(
    ("juju", "base"), [(Juju.V3_6, "ubuntu@22.04"), (Juju.V4_0, "ubuntu@24.04")]
)
def test_overlay_replaces_the_default_base_from_4_0_on(juju: Juju, base: str) -> None:
    """Up to 3.6 it replaces the series only."""
    text = f"default-base: ubuntu@22.04\n{SOUND}---\ndefault-base: ubuntu@24.04\n"

    assert parsed(text, juju).bundle.default_base == base


@pytest.mark.parametrize("juju", list(Juju))
@pytest.mark.parametrize(
    ("overlay", "machines"),
    [("machines:", ["0"]), ("series: bionic", ["0"]), ("machines: {}", [])],
)
def test_machines_of_an_overlay_replace_those_of_the_base(
    juju: Juju, overlay: str, machines: list[str]
) -> None:
    """A null mapping is no mapping, and an empty one is."""
    text = f"{SOUND}machines: {{'0': {{}}}}\n"

    assert list(parsed(text, juju, overlay).bundle.machines) == machines
