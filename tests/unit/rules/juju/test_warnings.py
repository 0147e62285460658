"""The warnings of Juju's client about a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.cli import main
from botlab.findings import path_text
from botlab.juju import Juju
from botlab.rules.juju.warnings import client_warnings

SERIES = """
series: jammy
machines: {"0": {series: focal}}
applications:
  a: {charm: ubuntu, channel: stable, num_units: 1, series: focal, to: ["0"]}
"""
DEPRECATION = (
    "series are being deprecated in favour of bases. For more information about the transition to"
    " bases see https://discourse.charmhub.io/t/transition-from-series-to-base-in-juju-4-0/14127"
)


def warnings(text: str, juju: Juju, *overlays: str) -> list[str]:
    """Return the messages of the warnings about a bundle with overlays."""
    sources = [BundleSource(overlay, f"overlay-{i}.yaml") for i, overlay in enumerate(overlays)]
    parsed = parse_bundle(BundleSource(text), juju, sources)
    return [warning.message for warning in client_warnings(parsed, juju)]


def test_juju_4_names_each_series_that_has_no_base_beside_it() -> None:
    """One warning names them all."""
    assert warnings(SERIES, Juju.V4_0)[0] == (
        "unsupported key 'series' detected without a base in the base bundle. Ignoring:\n"
        "- document 0; bundle contains top level series. Please use default-base\n"
        '- document 0; bundle application "a" contains series. Please use base\n'
        '- document 0; bundle machine "0" contains series. Please use base'
    )


def test_series_with_a_base_is_ignored_in_silence() -> None:
    """An overlay and a second document have warnings of their own."""
    text = """
series: jammy
default-base: ubuntu@22.04
applications:
  a: {charm: a, series: jammy, base: ubuntu@22.04}
---
applications:
  b: {charm: b, series: noble}
"""
    overlay = "machines: {'1': {series: noble}}\napplications: {a: {num_units: 1, to: ['1']}}"

    assert warnings(text, Juju.V4_0, "applications: {}", overlay)[:2] == [
        "unsupported key 'series' detected without a base in the base bundle. Ignoring:\n"
        '- document 1; bundle application "b" contains series. Please use base',
        "unsupported key 'series' detected without a base in overlay index 1. Ignoring:\n"
        '- document 0; bundle machine "1" contains series. Please use base',
    ]


def test_ignored_series_is_a_finding_at_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not stop the deployment."""
    path = tmp_path / "bundle.yaml"
    path.write_text(SERIES)

    assert main(["validate", str(path), "--juju", "4.0"]) == 0
    text = f"{path}:2: warning J090 at series (message from Juju)\n    unsupported key 'series'"
    assert text in capsys.readouterr().out


def test_juju_3_calls_series_deprecated() -> None:
    """2.9 does not, and neither does 3.6 where there is none."""
    assert warnings(SERIES, Juju.V3_6) == [DEPRECATION]
    assert warnings(SERIES, Juju.V2_9) == []
    assert warnings("applications: {a: {charm: a, base: ubuntu@22.04}}", Juju.V3_6) == []


UNREAD = """\
docs: https://example.com
applications:
  a:
    charm: a
    optoins: {x: 1}
    num_units: 1
    to: ["0"]
machines:
  "0": {cores: 4}
saas: {remote: {url: "admin/m.db", user: me}}
---
applications:
  a: {exposed-endpoints: {db: {cidrs: []}}, offers: {o: {endpoints: [db], users: []}}}
"""


def test_juju_2_9_calls_fields_unrecognized() -> None:
    """Each document has its own list."""
    assert warnings(UNREAD, Juju.V2_9) == [
        "These fields\n document 0:\n"
        '  line 1: unrecognized field "docs"\n'
        '  line 5: unrecognized field "optoins"\n'
        '  line 9: unrecognized field "cores"\n'
        '  line 10: unrecognized field "user"\n\n'
        " document 1:\n"
        '  line 13: unrecognized field "cidrs"\n'
        '  line 13: unrecognized field "users"\n'
        "will be ignored during deployment"
    ]


@pytest.mark.parametrize("juju", [Juju.V3_6, Juju.V4_0])
def test_juju_3_and_4_name_the_mapping_of_a_field(juju: Juju) -> None:
    """Some mappings have a name for people, the others that of a Go type."""
    assert warnings(UNREAD, juju) == [
        "These fields\n unmarshal document 0: yaml: unmarshal errors:\n"
        "  line 1: field docs not found in type charm.bundleData\n"
        "  line 5: field optoins not found in applications\n"
        "  line 9: field cores not found in machines\n"
        "  line 10: field user not found in saas\n\n"
        " unmarshal document 1: yaml: unmarshal errors:\n"
        "  line 13: field cidrs not found in type charm.ExposedEndpointSpec\n"
        "  line 13: field users not found in type charm.OfferSpec\n"
        "will be ignored during deployment"
    ]


def test_repeated_keys_and_wrong_types_of_an_overlay_are_unread_fields_too() -> None:
    """Juju uses the last one of equal keys, and nothing of a document with a wrong type."""
    text = "applications:\n  a: {charm: a, charm: b}\n"
    overlay = "applications:\n  a: {num_units: many}\n"

    assert warnings(text, Juju.V4_0, overlay) == [
        "These fields\n unmarshal document 0: yaml: unmarshal errors:\n"
        "  line 2: field charm already set in applications\n\n"
        " unmarshal document 0: yaml: unmarshal errors:\n"
        "  line 2: cannot unmarshal !!str `many` into int\n"
        "will be ignored during deployment"
    ]


def test_juju_2_6_has_no_warnings() -> None:
    """It reads only the first document."""
    assert warnings(UNREAD, Juju.V2_6) == []


def test_unknown_key_is_said_to_be_ignored_but_not_in_silence() -> None:
    """Juju's own warning and ours are about the same key."""
    parsed = parse_bundle(BundleSource(UNREAD), Juju.V4_0)
    messages = {path_text(f.path): f.message for f in parsed.findings if f.id == "BL001"}

    assert messages["applications.a.optoins"] == (
        "'optoins' is not a key of this mapping; Juju ignores it, and only a dry run of Juju 2.9"
        " or later warns about it"
    )
