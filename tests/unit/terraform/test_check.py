"""The comparison of plans with the schema of the Juju provider."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.juju import Juju
from botlab.terraform.check import faults
from botlab.terraform.document import Attribute, Block, Reference, Template
from botlab.terraform.schema import provider_line, resource_schemas
from helpers.terraform_plans import MUTATIONS, plan_of_example, resources

SCHEMAS = resource_schemas("2.2")
MODEL = Block("resource", ("juju_model", "lab"), [Attribute("name", "lab")])
UUID = Attribute("model_uuid", Reference("juju_model", "lab", "uuid"))


def application(*parts: Attribute | Block) -> Block:
    """Return an application."""
    charm = Block("charm", body=[Attribute("name", "etcd")])
    return Block("resource", ("juju_application", "a"), [UUID, charm, *parts])


def machine(*parts: Attribute | Block) -> Block:
    """Return a machine."""
    return Block("resource", ("juju_machine", "m"), [UUID, *parts])


def test_plan_of_the_example_has_no_faults() -> None:
    assert faults(resources(plan_of_example("modern-store")), SCHEMAS) == []


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_changed_plan_is_refused(mutation: str) -> None:
    """The tests of conformance show the same plans to OpenTofu or Terraform."""
    plan = plan_of_example("modern-store")
    change, fault = MUTATIONS[mutation]
    change(plan)

    assert faults(resources(plan), SCHEMAS) == [fault]


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (machine(Attribute("bas", "x")), "juju_machine.m.bas: did you mean base?"),
        (machine(Attribute("base", 3)), "juju_machine.m.base: is not a string"),
        (machine(Attribute("base", ["x"])), "juju_machine.m.base: is not a string"),
        (
            machine(Attribute("hostname", "x")),
            "juju_machine.m.hostname: cannot be set, because the provider computes it",
        ),
        (
            machine(Attribute("ssh_address", "x"), Attribute("base", "x")),
            "juju_machine.m.ssh_address: conflicts with base",
        ),
        (machine(Block("charm")), "juju_machine.m.charm: unknown block"),
        (
            application(Attribute("units", 1), Attribute("machines", ["0"])),
            "juju_application.a.units: conflicts with machines",
        ),
        (application(Attribute("units", "1")), "juju_application.a.units: is not a number"),
        (application(Attribute("units", True)), "juju_application.a.units: is not a number"),
        (application(Attribute("trust", "true")), "juju_application.a.trust: is not a bool"),
        (application(Attribute("machines", "0")), "juju_application.a.machines: is not a set"),
        (
            application(Attribute("config", {"a": True})),
            "juju_application.a.config: has an entry that is not of the type string",
        ),
        (
            application(Attribute("endpoint_bindings", [{"endpoint": "db"}])),
            "juju_application.a.endpoint_bindings.space: is required",
        ),
        (
            application(Attribute("endpoint_bindings", ["lan"])),
            "juju_application.a.endpoint_bindings: has an entry that is not of the type object",
        ),
        (
            application(Block("expose"), Block("expose")),
            "juju_application.a.expose: there are 2 blocks instead of 0 to 1",
        ),
        (
            application(Block("charm", body=[Attribute("revision", "4")])),
            "juju_application.a.charm.revision: is not a number",
        ),
        (
            machine(
                Attribute("placement", Template("lxd:", Reference("juju_machine", "x", "id")))
            ),
            "juju_machine.m: juju_machine.x.id is not a resource of the plan",
        ),
        (
            machine(Attribute("base", Reference("juju_model", "lab", "base"))),
            "juju_machine.m: juju_model.lab.base: juju_model has no attribute base",
        ),
        (Block("resource", ("juju_modle", "x")), "juju_modle.x: did you mean juju_model?"),
        (MODEL, "juju_model.lab is defined twice"),
    ],
)  # fmt: skip
def test_fault_is_reported(block: Block, fault: str) -> None:
    assert fault in faults([MODEL, block], SCHEMAS)


def test_integration_has_two_applications() -> None:
    end = Block("application", body=[Attribute("name", "a"), Attribute("offer_url", "b")])
    integration = Block("resource", ("juju_integration", "i"), [UUID, end])

    assert faults([MODEL, integration], SCHEMAS) == [
        "juju_integration.i.application.name: conflicts with offer_url",
        "juju_integration.i.application: there are 1 blocks instead of 2 to 2",
    ]


@pytest.mark.parametrize(
    ("juju", "line"), [("2.6", ""), ("2.9", "1.5"), ("3.6", "2.2"), ("4.0", "2.2")]
)
def test_each_release_of_juju_has_a_line_of_the_provider(juju: str, line: str) -> None:
    assert provider_line(Juju.parse(juju)) == line


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        ("juju_model", "secret_backend"),
        ("juju_application", "unit_numbers"),
        ("juju_offer", "allow_force_destroy"),
    ],
)
def test_older_line_lacks_later_attributes(kind: str, attribute: str) -> None:
    older: Any = resource_schemas("1.5")

    assert attribute in SCHEMAS[kind].attributes
    assert attribute not in older[kind].attributes
    assert set(older) == set(SCHEMAS)
