"""Notes about facts that the documents about a model do not contain."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.plan.change_set import ChangeSet
from botlab.plan.model import Model, ModelApplication, ModelMachine, ModelUnit
from botlab.plan.notes import notes_about

TEXT = """
applications:
  a: {charm: a, channel: stable, APP}
  b: {charm: b, channel: stable, APP}
machines: {"0": {annotations: {x: y}}, "1": {annotations: {x: y}}, "2": {}}
"""
FIELDS = (
    "revision: 3, options: {x: 1}, annotations: {x: y}, exposed-endpoints: {db: {expose-to-spaces:"
    " [s]}}"
)


def notes(model: Model, fields: str = FIELDS, changes: ChangeSet | None = None) -> list[str]:
    """Return the notes about a bundle whose two applications have the same fields."""
    overlay = f"applications: {{a: {{{fields}}}, b: {{{fields}}}}}"
    text = TEXT.replace(", APP", "")
    source = (
        BundleSource(text, overlays=()) if not fields else BundleSource(f"{text}---\n{overlay}")
    )
    bundle = parse_bundle(source, Juju.V3_6).bundle
    return notes_about(bundle, model, changes or ChangeSet(Juju.V3_6))


def model_of(**facts: object) -> Model:
    """Return a model that has the applications, with some facts that are not known."""
    return Model(
        {name: ModelApplication(f"ch:{name}", **facts) for name in ("a", "b")},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("fact", "note"),
    [
        (
            "constraints",
            "the constraints of a, b are not known, so the plan does not change them; add the"
            " output of `juju show-application --format json a b`",
        ),
        (
            "options",
            "the options of a, b are not known, so the plan does not change them; add the output"
            " of `juju config --format json APPLICATION` for each of them",
        ),
        (
            "exposed_endpoints",
            "the exposed endpoints of a, b are not known, so the plan does not change them; add"
            " the output of `juju show-application --format json a b`",
        ),
        (
            "annotations",
            "the annotations of a, b are not known, so the plan does not change them; add the"
            " bundle that was deployed last",
        ),
    ],
)
def test_fact_that_is_not_known_is_noted_where_the_bundle_has_it(fact: str, note: str) -> None:
    """Constraints are compared whatever the bundle has."""
    assert notes(model_of()) == []
    assert notes(model_of(**{fact: None})) == [note]
    unneeded = notes(model_of(**{fact: None}), "revision: 3")
    assert unneeded == ([note] if fact == "constraints" else [])


def test_newest_revision_is_not_known() -> None:
    """Unless the bundle names one, or the charm is a file."""
    assert notes(model_of(), "options: {x: 1}") == [
        "the newest revisions of the charms of a, b are not known, so the plan does not upgrade"
        " them; Juju upgrades a charm if the store has a newer revision"
    ]
    local = Model({"a": ModelApplication("local:a-1"), "b": ModelApplication("./b.charm")})
    assert notes(local, "options: {x: 1}") == []


def test_machines_without_known_annotations_are_noted() -> None:
    """Those that the bundle annotates."""
    machines = {name: ModelMachine(name, None) for name in ("5", "6", "7")}
    model = Model(machines=machines)
    model.machine_map = {"0": "5", "1": "6", "2": "7"}

    assert notes(model) == [
        "the annotations of the machines 0, 1 are not known, so the plan does not change them; add"
        " the bundle that was deployed last"
    ]
    model.machines["5"].annotations = {}
    assert notes(model) == [
        "the annotations of the machines 1 are not known, so the plan does not change them; add"
        " the bundle that was deployed last"
    ]


def test_local_charm_of_the_model_cannot_be_uploaded_again() -> None:
    """The plan has its URL and not its file."""
    changes = ChangeSet(Juju.V3_6)
    changes.add("addCharm", ["local:a-1", ""], ["upload"])
    changes.add("addCharm", ["ch:b", ""], ["upload"])
    model = Model({"a": ModelApplication("local:a-1"), "b": ModelApplication("ch:b")})

    assert notes(model, "revision: 3", changes) == [
        "Juju will fail to upload local:a-1, because it does not find the file again; give its"
        " application the base and the architecture (`constraints: arch=...`) that it has in the"
        " model"
    ]


@pytest.mark.parametrize(
    ("charm", "ends", "is_noted"),
    [
        ("ch:amd64/k8s-1845", ["$deploy-1:kube-control", "k8s:kube-control"], True),
        ("k8s", ["k8s:kube-control", "metallb:kube-control"], True),
        ("k8s", ["k8s:containerd", "k8s-worker:containerd"], False),
        ("kubernetes-control-plane", ["metallb:kube-control", "k8s:kube-control"], False),
    ],
)
def test_new_relation_to_a_running_k8s_gets_no_ca_certificate(
    charm: str, ends: list[str], *, is_noted: bool
) -> None:
    """Other charms and other endpoints are not noted."""
    changes = ChangeSet(Juju.V3_6)
    changes.add("addRelation", [*ends], ["add relation"])
    model = Model({"k8s": ModelApplication(charm, revision=1)})

    note = (
        "k8s:kube-control gives the cluster's CA certificate only to the relations of the first"
        " deployment; set the option kubeconfig of the charms that report that they have none"
        " (see docs/how-to/canonical-kubernetes.md)"
    )
    assert notes(model, changes=changes) == [note] * is_noted
    assert notes(Model(), changes=changes) == []


@pytest.mark.parametrize("method", ["addUnit", "addMachines"])
def test_numbers_of_new_units_and_machines_may_be_higher(method: str) -> None:
    """Not in an empty model."""
    changes = ChangeSet(Juju.V3_6)
    changes.add(method, [{}], ["add"])
    model = Model({"c": ModelApplication("c", units=[ModelUnit("c/0", "0")])})
    note = (
        "the numbers of new units and machines may be higher, because Juju does not use the"
        " numbers of removed ones again"
    )

    assert notes(model, changes=changes) == [note]
    assert notes(Model(), changes=changes) == []
    assert notes(model) == []


@pytest.mark.parametrize("juju", list(Juju))
def test_juju_4_will_refuse_to_set_options_of_a_running_application(juju: Juju) -> None:
    changes = ChangeSet(juju)
    options = {"x": 1, "fast": True, "name": "two words", "password": "p"}
    changes.add("setOptions", ["a", options], ["set application options for a"])
    bundle = parse_bundle(BundleSource("applications: {a: {charm: a}}"), juju).bundle
    note = (
        "Juju 4 cannot set options of a running application with a bundle, so this deployment will"
        " end at a and leave the rest undone; first run `juju config a x=1 fast=true"
        " 'name=two words' password=@FILE` (@FILE is a file with the value of password)"
    )
    assert notes_about(bundle, Model(), changes) == ([note] if juju is Juju.V4_0 else [])
