"""The rules of the lab as a whole."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from botlab.bundle import BundleSource, parse_bundle
from botlab.findings import Severity
from botlab.juju import Juju
from botlab.rules.lab import find_rule, lab_findings
from botlab.rules.lab.rule import rule
from botlab.rules.subject import Subject
from helpers.assessments import bundle_findings

SOUND_BUNDLE = """
series: bionic
applications:
  etcd: {charm: ./etcd, num_units: 3, to: ["0", "1", "2"], options: {channel: 3.2/stable}}
  m:
    charm: ./kubernetes-master
    num_units: 2
    to: ["0", "1"]
    options: {authorization-mode: "RBAC,Node", allow-privileged: "true"}
machines: {"0": {constraints: tags=a}, "1": {constraints: tags=b}, "2": {constraints: tags=c}}
relations: [["m:etcd", "etcd:db"]]
"""
YAML_VALUES = st.recursive(
    st.sampled_from([None, 1, "x", "0", "lxd:0", "new", "cs:etcd-1", "kubernetes-worker", True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "charm", "to", "num_units", "options", "constraints", "0"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_sound_bundle_has_no_findings() -> None:
    """No rule applies to it."""
    assert bundle_findings(yaml.safe_load(SOUND_BUNDLE)) == []


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["applications", "machines", "relations"]), YAML_VALUES),
    st.sampled_from(list(Juju)),
)
def test_no_bundle_makes_a_rule_raise(document: dict[str, object], juju: Juju) -> None:
    """However strange the bundle is, the rules return findings."""
    bundle = parse_bundle(BundleSource(yaml.safe_dump(document)), juju).bundle

    assert isinstance(lab_findings(Subject(bundle, juju)), list)


def test_second_rule_of_an_id_is_refused() -> None:
    """Ids are stable, so each belongs to one rule."""
    with pytest.raises(ValueError, match="two rules have the id BL031"):
        rule("BL031", Severity.ERROR)(lambda facts: iter(()))


def test_rule_is_found_by_its_id_in_any_case() -> None:
    """Users type small letters."""
    assert find_rule("bl031") is find_rule("BL031") is not None
    assert find_rule("BL999") is None
