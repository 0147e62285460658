"""Names that are similar to a wrong one in a bundle."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

_BUNDLE = """
applications:
  etcd: {{charm: ch:etcd, channel: stable, num_units: 1, to: ["{to}"]}}
  worker: {{charm: ch:worker, channel: stable, num_units: 1}}
saas: {{storage: {{url: "ctl:admin/default.storage"}}}}
relations: [["etcd:db", "{end}:etcd"]]
"""


@pytest.mark.parametrize(
    ("to", "end", "rule", "fix"),
    [
        ("worke/0", "worker", "J052", "did you mean worker?"),
        ("lxd:workr", "worker", "J052", "did you mean worker?"),
        ("new", "workr", "J062", "did you mean worker?"),
        ("new", "storag", "J062", "did you mean storage?"),
        ("new", "x", "J062", "define the application, or remove the relation"),
        ("zz/0", "worker", "J052",
         "define the machine or unit that the placement names, or name another one"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_unknown_application_of_a_bundle_is_answered_with_the_similar_one(
    juju: Juju, to: str, end: str, rule: str, fix: str
) -> None:
    parsed = parse_bundle(BundleSource(_BUNDLE.format(to=to, end=end)), juju)
    findings = [finding for finding in juju_findings(parsed, juju) if finding.id == rule]

    assert [finding.fix for finding in findings] == [fix]
