"""Merging overlays into a base."""

from __future__ import annotations

import pytest

from botlab.bundle import Application, BundleSource, Exposure, parse_bundle
from botlab.juju import Juju

MODERN = (Juju.V2_9, Juju.V3_6, Juju.V4_0)


def merged(base: str, overlay: str, juju: Juju = Juju.V2_9) -> Application:
    """Return the application `a` of a base whose second document is an overlay."""
    parsed = parse_bundle(BundleSource(f"{base}\n---\n{overlay}\n"), juju)
    application = parsed.bundle.applications["a"]
    assert application is not None
    return application


@pytest.mark.parametrize("juju", MODERN)
@pytest.mark.parametrize("empty", ["{}", "", "{expose-to-spaces: null}", "{colour: red}"])
def test_empty_mapping_of_an_overlay_removes_an_exposed_endpoint(juju: Juju, empty: str) -> None:
    """An endpoint without networks would be open to every address."""
    exposures = f"{{db: {{expose-to-spaces: [s]}}, y: {empty}}}"
    overlay = f"applications: {{a: {{exposed-endpoints: {exposures}}}}}"

    exposed = merged("applications: {a: {charm: x}}", overlay, juju).exposed_endpoints

    assert exposed == {"db": Exposure(spaces=["s"])}


def test_exposed_endpoint_with_an_empty_list_stays() -> None:
    """An empty list is a value, unlike an empty mapping."""
    overlay = "applications: {a: {exposed-endpoints: {y: {expose-to-cidrs: []}}}}"

    assert merged("applications: {a: {charm: x}}", overlay).exposed_endpoints == {"y": Exposure()}


def test_null_in_an_overlay_removes_an_option_and_an_offer_but_empties_an_annotation() -> None:
    """A null string is an empty string, and an empty string is a value."""
    base = "applications: {a: {charm: x, options: {one: 1, two: 2}, annotations: {k: v}}}"
    overlay = "applications: {a: {options: {one: null}, annotations: {k: null}, offers: {o: }}}"

    application = merged(base, overlay)

    assert application.options == {"two": 2}
    assert application.annotations == {"k": ""}
    assert application.offers == {}


@pytest.mark.parametrize("juju", MODERN)
@pytest.mark.parametrize("key", ["options", "storage", "annotations"])
def test_null_in_an_overlay_removes_all_entries_and_an_empty_mapping_none(
    juju: Juju, key: str
) -> None:
    """Go decodes an empty mapping as a map without entries, and null as no map."""
    base = f"applications: {{a: {{charm: x, {key}: {{one: x}}}}}}"

    kept = merged(base, f"applications: {{a: {{{key}: {{}}}}}}", juju)
    removed = merged(base, f"applications: {{a: {{{key}: null}}}}", juju)

    assert getattr(kept, key) == {"one": "x"}
    assert getattr(removed, key) == {}


def test_scale_of_zero_in_an_overlay_keeps_the_units_of_the_base() -> None:
    """Juju looks at `scale` only when it is above zero."""
    base = "applications: {a: {charm: x, num_units: 3}}"

    assert merged(base, "applications: {a: {scale: 0}}").num_units == 3
    assert merged(base, "applications: {a: {scale: 2}}").num_units == 2


def test_keys_that_an_overlay_takes_from_an_anchor_are_merged() -> None:
    """The keys of a YAML merge are keys of the overlay."""
    overlay = "x: &x {num_units: 4}\napplications: {a: {<<: *x, expose: true}}"

    application = merged("applications: {a: {charm: x}}", overlay)

    assert (application.num_units, application.expose) == (4, True)


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_removed_application_or_saas_takes_only_its_own_relations(juju: Juju) -> None:
    """An end names it alone or before a colon. A longer name is another application."""
    base = """
applications: {a: {charm: a}, ab: {charm: a}, "a:b": {charm: a}, c: {charm: a}}
saas: {far: {url: "admin/m.far"}}
relations:
  [[a, c], ["a:x", c], [c, "a:y"], [ab, c], ["c:a", ab], [c, far], [c, "far:x"], [a], [c, c]]
"""
    overlay = "applications: {a: }\nsaas: {far: }\nrelations: [[c, 'a:new']]"
    colon = "applications: {'a:b': }"
    sources = [BundleSource(overlay, "one.yaml"), BundleSource(colon, "two.yaml")]

    parsed = parse_bundle(BundleSource(base), juju, sources[:1])
    assert parsed.bundle.relations == [
        ["ab", "c"], ["c:a", "ab"], ["a"], ["c", "c"], ["c", "a:new"]
    ]  # fmt: skip
    assert parsed.bundle.saas == {}
    with_colon = base.replace("[a, c]", '["a:b", c], ["a:b:z", c], ["a:bb", c]')
    assert parse_bundle(BundleSource(with_colon), juju, sources[1:]).bundle.relations[:3] == [
        ["a:bb", "c"], ["a:x", "c"], ["c", "a:y"]
    ]  # fmt: skip


@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9, Juju.V3_6])
def test_series_of_an_overlay_replaces_the_one_of_the_base(juju: Juju) -> None:
    """An overlay without a series keeps it."""
    base = BundleSource("series: bionic\napplications: {a: {charm: x}}")
    texts = ("series: focal\napplications: {}", "applications: {}")

    series = [parse_bundle(base, juju, [BundleSource(t, "o.yaml")]).bundle.series for t in texts]

    assert series == ["focal", "bionic"]
