"""Writing bundles."""

from __future__ import annotations

import json

import pytest
import yaml

from botlab.bundle import BundleSource, parse_bundle, write_bundle
from botlab.juju import Juju


def test_written_bundle_is_read_back_unchanged() -> None:
    """Texts that look like other types stay texts."""
    options = 'options: {v: "1.13", y: "yes"}'
    text = f"series: bionic\napplications:\n  a:\n    charm: cs:a-1\n    {options}\n"
    written = write_bundle(parse_bundle(BundleSource(text), Juju.V2_9).bundle)
    bundle = parse_bundle(BundleSource(written), Juju.V2_9).bundle

    assert write_bundle(bundle) == written
    assert bundle.applications["a"] is not None
    assert bundle.applications["a"].options == {"v": "1.13", "y": "yes"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("caf\u00e9", "caf\u00e9"),
        ("a\u202eb", r'"a\u202Eb"'),
        ("a\u2028b", r'"a\Lb"'),
        ("a\x85b", r'"a\Nb"'),
        ("a\nb\x1b", r'"a\nb\e"'),
        ("\ufeffa", r'"\uFEFFa"'),
    ],
)
def test_unprintable_characters_are_written_as_escapes(text: str, written: str) -> None:
    """In values and keys. They are read back unchanged, and letters stay readable."""
    entry = {"charm": "cs:a-1", "options": {"k": text, text: "x"}}
    source = json.dumps({"series": "bionic", "applications": {"a": entry}})

    output = write_bundle(parse_bundle(BundleSource(source), Juju.V2_9).bundle)
    application = parse_bundle(BundleSource(output), Juju.V2_9).bundle.applications["a"]

    assert f"k: {written}\n" in output
    assert [line for line in output.split("\n") if not line.isprintable()] == []
    assert application is not None
    assert application.options == {"k": text, text: "x"}


COMPLETE = """
bundle: machine
description: a lab
tags: [lab]
default-base: ubuntu@22.04
saas: {far: {url: "admin/m.far"}}
applications:
  a:
    charm: a
    channel: latest/edge
    revision: 7
    base: ubuntu@24.04
    num_units: 2
    to: ["0", "lxd:0"]
    expose: true
    trust: true
    resources: {file: 3}
    options: {one: 1, two: false, empty: ""}
    annotations: {gui-x: "1"}
    constraints: arch=amd64
    storage: {data: "1G"}
    devices: {gpu: "1,nvidia.com/gpu"}
    bindings: {"": lan}
  b: {charm: ./b.charm, series: jammy, num_units: 1, plan: acme/default}
machines:
  "0": {constraints: mem=2G, annotations: {x: y}, base: ubuntu@24.04}
  "1": {series: jammy}
relations: [["a:db", "b:db"]]
---
applications:
  a:
    exposed-endpoints: {db: {expose-to-spaces: [lan], expose-to-cidrs: [10.0.0.0/8]}}
    offers: {o: {endpoints: [db], acl: {admin: admin}}}
"""


def test_every_key_of_a_bundle_is_written_under_its_own_name() -> None:
    """A key with the value of the default may be left out, but no other."""
    base, overlay = yaml.safe_load_all(COMPLETE)
    base["applications"]["a"] |= overlay["applications"]["a"]
    parsed = parse_bundle(BundleSource(COMPLETE), Juju.V3_6)

    assert parsed.findings == ()
    assert yaml.safe_load(write_bundle(parsed.bundle)) == base
