"""What the Juju provider cannot deploy is a finding, and an error means that there is no plan."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from botlab.findings import Severity, path_text
from botlab.juju import Juju
from botlab.terraform import TerraformPlan
from helpers.terraform_plans import EXAMPLES, plan_of_bundle, plan_of_example


def findings(plan: TerraformPlan, severity: Severity = Severity.ERROR) -> list[tuple[str, str]]:
    """Return the ids and keys of the findings of a severity."""
    return [
        (finding.id, path_text(finding.path))
        for finding in plan.findings
        if finding.severity is severity
    ]


def of_etcd(juju: Juju = Juju.V3_6, **fields: Any) -> TerraformPlan:
    """Return the plan of a bundle with one application."""
    return plan_of_bundle({"applications": {"a": {"charm": "ch:etcd", **fields}}}, juju)


@pytest.mark.parametrize(
    ("charm", "juju", "reason"),
    [
        ("./etcd.charm", Juju.V3_6, "is a local charm"),
        ("local:bionic/etcd-3", Juju.V2_9, "is a local charm"),
        ("cs:~containers/etcd-378", Juju.V2_9, "is not from Charmhub"),
    ],
)
def test_charm_must_be_of_charmhub(charm: str, juju: Juju, reason: str) -> None:
    plan = of_etcd(juju, charm=charm)
    (finding,) = (finding for finding in plan.findings if finding.id == "BL160")

    assert f"the charm {charm} of a {reason}, " in finding.message
    assert finding.fix.endswith("charm: NAME, and channel: TRACK/RISK")
    assert (path_text(finding.path), plan.sections) == ("applications.a.charm", ())


@pytest.mark.parametrize(
    "example",
    ["botlab", "one-machine", "one-machine-2019", "ha-gpu-farm", "air-gapped", "modern"],
)
def test_examples_with_local_charms_have_no_plan(example: str) -> None:
    """The finding of each such charm names the key to write."""
    bundle = yaml.safe_load((EXAMPLES / example / "bundle.yaml").read_text(encoding="utf-8"))
    plan = plan_of_example(example)
    fixes = {
        str(finding.fix).partition("name it: ")[2]
        for finding in plan.findings
        if finding.id == "BL160"
    }

    assert plan.sections == ()
    assert fixes >= {
        f"applications: {{{name}: {{charm: {{charmhub: NAME, channel: TRACK/RISK}}}}}}"
        for name, body in bundle["applications"].items()
        if body["charm"].endswith(".charm")
    }


def test_resource_from_a_file_is_left_out_with_the_command_that_attaches_it() -> None:
    plan = of_etcd(resources={"snap": "./etcd.snap", "other": 2})
    (finding,) = plan.findings

    assert findings(plan, Severity.WARNING) == [("BL161", "applications.a.resources.snap")]
    assert finding.fix.endswith("juju attach-resource a snap=etcd.snap -m lab")
    assert 'other = "2"' in plan.text
    assert "snap" not in plan.text


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"plan": "acme/gold"}, "plan"),
        ({"devices": {"gpu": "1,nvidia.com/gpu"}}, "devices"),
        (
            {"exposed-endpoints": {"x": {"expose-to-cidrs": ["10.0.0.0/8"]}, "y": {}}},
            "exposed-endpoints",
        ),
        ({"exposed-endpoints": {"": {}, "y": {}}}, "exposed-endpoints"),
        ({"num_units": 2, "to": ["0", "0"]}, "to"),
    ],
)
def test_field_that_the_provider_lacks_is_an_error(fields: dict[str, Any], key: str) -> None:
    application = {"charm": "etcd", **fields}
    machines = {"0": {}} if "to" in fields else {}
    plan = plan_of_bundle({"applications": {"a": application}, "machines": machines})

    assert findings(plan) == [("BL164", f"applications.a.{key}")]
    assert plan.sections == ()


def test_remote_application_without_a_relation_is_an_error() -> None:
    saas = {"db": {"url": "admin/prod.mysql"}, "idle": {"url": "admin/prod.idle"}}
    applications = {"a": {"charm": "etcd"}}
    data = {"applications": applications, "saas": saas, "relations": [["a:x", "db:y"]]}

    assert findings(plan_of_bundle(data)) == [("BL164", "saas.idle")]


def test_bundle_for_kubernetes_is_an_error() -> None:
    data = {"bundle": "kubernetes", "applications": {"a": {"charm": "etcd"}}}

    assert findings(plan_of_bundle(data)) == [("BL164", "bundle")]


def test_offers_need_endpoints_and_levels_of_the_provider() -> None:
    acl = {"eve": "own", "amy": "read"}
    offers = {"o": {"endpoints": []}, "p": {"endpoints": ["db"], "acl": acl}}
    data = {"applications": {"a": {"charm": "etcd"}}}
    plan = plan_of_bundle(data, overlay={"applications": {"a": {"offers": offers}}})

    assert findings(plan) == [
        ("BL164", "applications.a.offers.o"),
        ("BL164", "applications.a.offers.p.acl.eve"),
    ]


@pytest.mark.parametrize(
    ("juju", "errors", "warnings"),
    [
        ("2.6", [("BL160", "applications.a.charm"), ("BL164", "juju")], []),
        ("2.9", [], [("BL163", "juju")]),
        ("3.6", [], []),
        ("4.0", [], []),
    ],
)
def test_release_of_juju_decides_the_provider(
    juju: str, errors: list[tuple[str, str]], warnings: list[tuple[str, str]]
) -> None:
    plan = of_etcd(Juju.parse(juju), charm="ch:etcd" if juju != "2.6" else "cs:etcd-1")

    assert sorted(findings(plan)) == errors
    assert findings(plan, Severity.WARNING) == warnings


def test_all_faults_are_reported_at_once() -> None:
    applications = {"a": {"charm": "./x.charm"}, "b": {"charm": "etcd", "plan": "p/q"}}

    assert findings(plan_of_bundle({"applications": applications})) == [
        ("BL160", "applications.a.charm"),
        ("BL164", "applications.b.plan"),
    ]


def test_bundle_that_juju_cannot_plan_has_no_plan() -> None:
    applications = {
        "a": {"charm": "etcd", "num_units": 1, "to": ["b/0"]},
        "b": {"charm": "etcd", "num_units": 1, "to": ["a/0"]},
    }
    plan = plan_of_bundle({"applications": applications})

    assert findings(plan) == [("J080", "applications")]
    assert plan.findings[0].message == "cycle in placement directives for: a, b"
