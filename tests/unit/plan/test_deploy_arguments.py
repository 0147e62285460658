"""The arguments of the changes of one application, as Juju's own change lists have them."""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from botlab.plan.change_set import Change
from botlab.plan.model import Model, ModelApplication, ModelMachine
from helpers.plans import planned

TEXT = """
applications:
  a:
    charm: CHARM
    channel: 1.2/edge
    num_units: 1
    options: {b: 2, a: text}
    constraints: mem=2G
    storage: {data: "loop,1G", "more": "2"}
    bindings: {"": alpha, db: beta}
    resources: {one: 4, two: "./file", three: 0}
    expose: true
    annotations: {gui-x: "10"}
    to: ["lxd:0"]
machines: {"0": {annotations: {rack: r1}}}
"""
STORAGE = {"data": "loop,1G", "more": "2"}
BINDINGS = {"": "alpha", "db": "beta"}


def changes_of(juju: Juju, charm: str = "x", model: Model | None = None) -> dict[str, Change]:
    """Return the changes of the bundle by their methods; the last one of each method."""
    return {
        change.method: change
        for change in planned(TEXT.replace("CHARM", charm), juju, model=model).changes
    }


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_deployment_has_storage_bindings_and_revisions_of_resources(juju: Juju) -> None:
    """Files of resources are uploaded by other means, so only revisions are arguments."""
    deploy = changes_of(juju)["deploy"]

    assert deploy.args == [
        "$addCharm-0",
        "",
        "a",
        {"b": 2, "a": "text"},
        "mem=2G",
        STORAGE,
        BINDINGS,
        {"one": 4, "three": 0},
        0,
        "1.2/edge",
    ]
    assert deploy.requires == ["addCharm-0"]


def test_deployment_of_juju_2_6_has_no_channel() -> None:
    """The other arguments are the same."""
    deploy = changes_of(Juju.V2_6, "cs:x-1")["deploy"]

    assert deploy.args[5:] == [STORAGE, BINDINGS, {"one": 4, "three": 0}, 0]


def test_changes_of_a_new_application_refer_to_its_deployment() -> None:
    """So do the changes of its machine."""
    changes = changes_of(Juju.V3_6)
    machine = next(
        change
        for change in planned(TEXT.replace("CHARM", "x"), Juju.V3_6).changes
        if change.method == "addMachines"
    )

    assert (changes["expose"].args, changes["expose"].requires) == (
        ["$deploy-1", None],
        ["deploy-1"],
    )
    assert machine.args == [{}]
    assert (changes["setAnnotations"].args, changes["setAnnotations"].requires) == (
        [machine.placeholder, "machine", {"rack": "r1"}],
        [machine.id],
    )
    container = changes["addMachines"]
    assert container.args == [
        {
            "constraints": "spaces=alpha,beta mem=2G",
            "containerType": "lxd",
            "parentId": machine.placeholder,
        }
    ]
    assert changes["addUnit"].args == ["$deploy-1", container.placeholder]


def test_existing_application_gets_only_what_differs() -> None:
    """The application and the machine of the model have other annotations and options."""
    application = ModelApplication(
        "x",
        channel="1.2/edge",
        options={"b": 2, "a": "other"},
        annotations={"gui-x": "9"},
        constraints={},
    )
    model = Model({"a": application}, {"0": ModelMachine("0", {"rack": "r0"})})
    model.machine_map = {"0": "0"}
    lines = [
        (change.method, change.args, change.description)
        for change in planned(TEXT.replace("CHARM", "x"), Juju.V3_6, model=model).changes
        if change.method.startswith(("set", "expose"))
    ]

    assert lines == [
        ("setOptions", ["a", {"a": "text"}], ["set application options for a"]),
        ("setConstraints", ["a", "mem=2G"], ['set constraints for a to "mem=2G"']),
        (
            "expose",
            ["a", None],
            ["expose all endpoints of a and allow access from CIDRs 0.0.0.0/0 and ::/0"],
        ),
        (
            "setAnnotations",
            ["a", "application", {"gui-x": "10"}],
            ["set annotations for a"],
        ),
        (
            "setAnnotations",
            ["0", "machine", {"rack": "r1"}],
            ["set annotations for existing machine 0"],
        ),
    ]
