"""Limits of the number of things in a bundle."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.bundle.limits import MAX_MACHINES, MAX_UNITS, refuse_counts
from botlab.errors import BotlabError
from botlab.juju import Juju


def parse(text: str, juju: Juju = Juju.V3_6) -> None:
    """Read a bundle."""
    parse_bundle(BundleSource(text, "bundle.yaml"), juju)


@pytest.mark.parametrize("juju", Juju)
@pytest.mark.parametrize("count", [10**9, 2**62])
def test_too_many_units_are_refused(count: int, juju: Juju) -> None:
    """Planning them would not end."""
    with pytest.raises(BotlabError, match=f"^bundle.yaml: has {count:,} units; botlab accepts"):
        parse(f"applications: {{a: {{charm: a, num_units: {count}}}}}", juju)


def test_units_of_all_applications_count_together() -> None:
    """Each of them alone is below the limit."""
    body = f"{{charm: a, num_units: {MAX_UNITS // 2}}}"
    parse(f"applications: {{a: {body}, b: {body}}}")

    with pytest.raises(BotlabError, match="has 300,001 units"):
        parse(f"applications: {{a: {body}, b: {body}, c: {{charm: a, num_units: 1}}}}")


def test_negative_number_of_units_is_left_to_juju() -> None:
    """It must not make room for other units either."""
    parse("applications: {a: {charm: a, num_units: -5}}")
    with pytest.raises(BotlabError, match="has 300,001 units"):
        parse(
            "applications: {a: {charm: a, num_units: -300000}, b: {charm: a, num_units: 300001}}"
        )


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_documents_of_a_file_have_a_limit(juju: Juju) -> None:
    """Each of them is an overlay, which may change each application. 2.6 reads only one."""
    text = "applications: {a: {charm: a}}\n" + "---\nseries: bionic\n" * 99
    parse(text, juju)
    parse(f"{text}---\n", Juju.V2_6)

    problem = "^bundle.yaml: has 101 documents; botlab accepts 100$"
    with pytest.raises(BotlabError, match=problem):
        parse(f"{text}---\n", juju)


@pytest.mark.parametrize("kind", ["applications", "machines", "units", "relations"])
def test_each_kind_has_a_limit_above_every_lab(kind: str) -> None:
    """A lab with 100,000 machines is accepted."""
    refuse_counts("file", **{kind: 100_000})
    with pytest.raises(BotlabError, match=f"^file: has 1,000,000 {kind}; botlab accepts"):
        refuse_counts("file", **{kind: 1_000_000})
    assert MAX_MACHINES > 100_000
