"""Plans for an existing model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.errors import BotlabError
from botlab.juju import Juju
from botlab.plan.model import Model
from botlab.plan.model_file import ModelFile, read_model
from helpers.plans import plan_lines, planned

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "examples/botlab/site.yaml"

STATUS = {
    "model": {"name": "m"},
    "machines": {"0": {"containers": {"0/lxd/0": {}}}, "1": {}},
    "applications": {
        "a": {
            "charm": "cs:a-1", "series": "bionic", "exposed": True, "charm-rev": 1,
            "relations": {"db": ["b"], "peer": ["a"]},
            "units": {"a/0": {"machine": "0/lxd/0"}, "a/3": {"machine": "1"}},
        },
        "b": {
            "charm": "b", "base": {"name": "ubuntu", "channel": "22.04"},
            "relations": {"server": [{"related-application": "a", "interface": "x"}]},
            "units": {"b/0": {"machine": "1"}},
        },
    },
}  # fmt: skip


def test_deployed_bundle_needs_no_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """The model is described by the rendered bundle."""
    bundle = str(SITE.parent / "bundle.yaml")

    assert main(["plan", str(SITE), "--model", bundle]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("No changes to apply.\n")


def test_model_of_a_status_has_its_units_relations_and_counters() -> None:
    """Options are not known, because a status does not contain them."""
    model = read_model([ModelFile(json.dumps(STATUS), "s")], Juju.V2_9)

    assert model.relations == {frozenset(("a:db", "b:server"))}
    assert set(model.machines) == {"0", "0/lxd/0", "1"}
    assert model.next_unit("a") == "a/4"
    assert model.next_container("0", "lxd") == "0/lxd/1"
    assert model.applications["b"].platform == "jammy"
    assert model.applications["a"].options is None
    assert model.applications["a"].revision == 1
    assert model.applications["b"].revision == -1


@pytest.mark.parametrize("text", ["{", "{}", "[]", "a: 1", ""])
def test_file_that_describes_no_model_is_an_error(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the two forms, or the fault in the JSON."""
    path = tmp_path / "m"
    path.write_text(text, encoding="utf-8")

    assert main(["plan", str(SITE), "--model", str(path)]) == 2
    error = capsys.readouterr().err
    assert ("is not valid JSON" if text == "{" else "juju status") in error


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"charm": "a", "exposed": True}},
        {"a": {"principal": True, "constraints": {}}},
        {"a": {"charm": "a", "principal": True}, "b": []},
        {"a": {"charm": "a", "principal": True}, "b": {"charm": "b"}},
    ],
)
def test_file_that_is_not_quite_the_output_of_show_application_is_an_error(
    document: object,
) -> None:
    """Every entry has a charm, and a key that only `juju show-application` prints."""
    with pytest.raises(BotlabError, match=r"m\.json: does not describe a model"):
        read_model(
            [ModelFile(json.dumps(STATUS), "s"), ModelFile(json.dumps(document), "m.json")],
            Juju.V3_6,
        )


def read(juju: Juju, *documents: object) -> Model:
    """Return the model of the status above and of further documents, as JSON or as text."""
    texts = [d if isinstance(d, str) else json.dumps(d) for d in (STATUS, *documents)]
    return read_model([ModelFile(text, f"{i}") for i, text in enumerate(texts)], juju)


SHOW = {
    "a": {
        "charm": "a", "constraints": {"mem": 2048, "cores": 2, "tags": ["x", "y"]},
        "principal": True, "exposed": True,
        "exposed-endpoints": {
            "db": {"expose-to-spaces": ["s"], "expose-to-cidrs": ["10.0.0.0/8"]},
        },
    },
    "gone": {"charm": "gone", "constraints": {}, "principal": True},
}  # fmt: skip


def test_constraints_and_exposures_come_from_show_application() -> None:
    """They are compared as values: the order, and the units of a size, do not count."""
    model = read(Juju.V2_9, SHOW)
    text = """
applications:
  a: {charm: "cs:a-1", series: bionic, num_units: 2, constraints: "CONSTRAINTS"}
---
applications:
  a: {exposed-endpoints: {db: {expose-to-cidrs: [10.0.0.0/8], expose-to-spaces: [s]}}}
"""

    same = text.replace("CONSTRAINTS", "tags=x,y cpu-cores=2 mem=2G")
    other = text.replace("CONSTRAINTS", "tags=y,x cores=2 mem=2G")
    assert [
        line for line in plan_lines(same, Juju.V2_9, model=model) if "upload" not in line
    ] == []
    assert plan_lines(other, Juju.V2_9, model=model)[-1] == (
        'set constraints for a to "tags=y,x cores=2 mem=2G"'
    )


def test_yaml_of_juju_is_read_like_its_json() -> None:
    """It is the default of show-application and config."""
    show = "a:\n  charm: a\n  constraints:\n    arch: arm64\n  principal: true\n  exposed: false\n"
    config = "application: a\ncharm: a\nsettings:\n  x: {source: user, type: int, value: 3}\n"
    model = read(Juju.V3_6, show, config, "arch: amd64\n")

    assert model.applications["a"].constraints == {"arch": "arm64"}
    assert model.applications["a"].options == {"x": 3.0}
    assert model.constraints == {"arch": "amd64"}


CONFIG = {
    "application": "a", "charm": "a",
    "settings": {
        "count": {"source": "user", "type": "int", "value": 3},
        "ratio": {"source": "default", "type": "float", "value": 1},
        "on": {"source": "default", "type": "boolean", "value": True},
        "name": {"source": "unset", "type": "string"},
    },
}  # fmt: skip
OPTIONS = {
    "count: 3, ratio: 1.0, on: true": "",
    "count: 4": "count",
    "count: 3.0": "count",
    "on: 1": "on",
    'name: ""': "name",
}


@pytest.mark.parametrize(("options", "changed"), OPTIONS.items())
def test_options_are_compared_with_the_values_and_types_of_the_model(
    options: str, changed: str
) -> None:
    """Defaults count as values of the model, but an option without a value does not."""
    model = read(Juju.V4_0, CONFIG)
    text = f"applications: {{a: {{charm: a, num_units: 2, options: {{{options}}}}}}}"
    lines = plan_lines(text, Juju.V4_0, model=model)

    assert ("set application options for a" in lines) == bool(changed)


def test_number_of_an_integer_option_is_a_float_before_juju_4() -> None:
    """The API's JSON has no integers; 4.0 makes them integers again."""
    text = "applications: {a: {charm: a, num_units: 2, options: {count: 3.0}}}"

    assert "set application options for a" not in plan_lines(
        text, Juju.V3_6, model=read(Juju.V3_6, CONFIG)
    )


def test_juju_2_6_compares_with_the_values_of_the_user_only() -> None:
    """An option with its default in the bundle is set again."""
    assert read(Juju.V2_6, CONFIG).applications["a"].options == {"count": 3.0}


def test_exposed_application_is_exposed_again_from_2_9_on() -> None:
    """The model has the endpoint "" for it, which the bundle does not have."""
    text = 'applications: {a: {charm: "cs:a-1", series: bionic, num_units: 2, expose: true}}'

    assert "expose a" not in plan_lines(text, Juju.V2_6, model=read(Juju.V2_6))
    assert (
        "expose all endpoints of a and allow access from CIDRs 0.0.0.0/0 and ::/0"
        in plan_lines(text, Juju.V2_9, model=read(Juju.V2_9))
    )


def test_offer_of_the_model_is_updated() -> None:
    """A new one is created."""
    status = {**STATUS, "offers": {"old": {"application": "b"}}}
    model = read_model([ModelFile(json.dumps(status), "s")], Juju.V3_6)
    text = """
applications: {b: {charm: b, base: ubuntu@22.04, num_units: 1}}
---
applications: {b: {offers: {old: {endpoints: [server]}, new: {endpoints: [server]}}}}
"""

    assert plan_lines(text, Juju.V3_6, model=model)[-2:] == [
        "update offer old using b:server",
        "create offer new using b:server",
    ]


def test_relation_of_a_deployed_application_names_it_without_a_placeholder() -> None:
    """Only an application that the plan deploys has one."""
    model = read_model([ModelFile(json.dumps(STATUS), "s")], Juju.V2_9)
    text = """
series: bionic
applications: {a: {charm: cs:a-1, num_units: 2}, c: {charm: cs:c-1}}
relations: [["a:x", "c:y"]]
"""
    changes = planned(text, Juju.V2_9, model=model).sorted()

    (relation,) = [change for change in changes if change.method == "addRelation"]
    (deployment,) = [change for change in changes if change.method == "deploy"]
    assert relation.args == ["a:x", f"{deployment.placeholder}:y"]
    assert relation.requires == [deployment.id]


@pytest.mark.parametrize(
    ("documents", "problem"),
    [([STATUS, STATUS], "describe several models"), ([SHOW], "do not describe a whole model")],
)
def test_files_must_describe_one_whole_model(documents: list[object], problem: str) -> None:
    """The message names the command whose output is missing."""
    files = [ModelFile(json.dumps(document), "m.json") for document in documents]

    with pytest.raises(BotlabError, match=f"{problem}; give one file .* `juju status"):
        read_model(files, Juju.V3_6)


def test_bundle_beside_a_status_adds_what_no_other_file_contains() -> None:
    """Here that is the annotations and the options of one application."""
    bundle = """
applications:
  a: {charm: a, options: {count: 9}, annotations: {k: v}}
  b: {charm: b, options: {x: 1}}
"""
    model = read(Juju.V3_6, CONFIG, bundle)

    assert model.applications["a"].annotations == {"k": "v"}
    assert model.applications["a"].options == {"count": 3.0, "ratio": 1.0, "on": True}
    assert model.applications["b"].options == {"x": 1}


@pytest.mark.parametrize("juju", list(Juju))
@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"scale": 3}, []),
        ({"scale": 2}, ["scale a to 3 units"]),
        ({}, ["scale a to 3 units"]),
    ],
)
def test_application_on_kubernetes_has_the_scale_of_the_status(
    juju: Juju, fields: dict[str, int], lines: list[str]
) -> None:
    """Its units do not matter. A status leaves out a scale of 0."""
    application = {"charm": "a", "charm-channel": "stable", **fields}
    status = {"model": {"name": "m"}, "machines": {}, "applications": {"a": application}}
    model = read_model([ModelFile(json.dumps(status), "s")], juju)
    text = "bundle: kubernetes\napplications: {a: {charm: a, channel: stable, scale: 3}}"

    assert plan_lines(text, juju, model=model) == lines


@pytest.mark.parametrize("juju", list(Juju))
@pytest.mark.parametrize(
    "fields",
    [
        {"series": "jammy"},
        {"base": {"name": "ubuntu", "channel": "22.04"}},
        {"base": {"name": "ubuntu", "channel": "22.04/stable"}},
        {"series": "jammy", "base": {"name": "ubuntu", "channel": "22.04/stable"}},
        {"series": "jammy", "base": None},
    ],
)
def test_platform_of_a_status_has_the_form_of_the_release(
    juju: Juju, fields: dict[str, object]
) -> None:
    """Clients up to 2.9 print a series, and later ones a base."""
    application = {"charm": "a", "charm-rev": "?", "relations": None, **fields}
    status = {"model": {"name": "m"}, "machines": {}, "applications": {"a": application}}

    model = read_model([ModelFile(json.dumps(status), "s")], juju)

    expected = "jammy" if juju < Juju.V3_6 else "ubuntu@22.04/stable"
    assert model.applications["a"].platform == expected
    assert model.applications["a"].revision == -1
    assert model.relations == set()


@pytest.mark.parametrize(
    ("units", "lines"),
    [({}, ['set constraints for a to "mem=2G"']), ({"a/0": {"machine": "0"}}, [])],
)
def test_constraints_of_a_status_are_unknown_for_applications_with_units(
    units: dict[str, object], lines: list[str]
) -> None:
    """Juju asks for them only where there are units."""
    application = {"charm": "cs:a-1", "series": "bionic", "units": units}
    status = {"model": {"name": "m"}, "machines": {"0": {}}, "applications": {"a": application}}
    model = read_model([ModelFile(json.dumps(status), "s")], Juju.V2_9)
    text = "applications: {a: {charm: cs:a-1, series: bionic, constraints: mem=2G}}"

    assert [
        line for line in plan_lines(text, Juju.V2_9, model=model) if "upload" not in line
    ] == lines


def test_units_of_a_bundle_are_on_its_machines_and_in_containers_of_their_own() -> None:
    """A unit whose machine the bundle does not name is left out."""
    text = """
series: bionic
applications:
  b: {charm: cs:b-1, num_units: 3, to: ["lxd:0", "1", "lxd:1"]}
  a: {charm: cs:a-1, num_units: 3, to: ["lxd:0", "b/0", "kvm:0", "0"]}
  c: {charm: cs:c-1, num_units: 2, to: ["lxd:0"]}
machines: {"0": {}, "1": {}}
"""
    model = read_model([ModelFile(text, "bundle.yaml")], Juju.V2_9)

    placed = {unit.name: unit.machine for app in model.applications.values() for unit in app.units}
    assert placed == {
        "b/0": "0/lxd/0",
        "b/1": "1",
        "b/2": "1/lxd/0",
        "a/0": "0/lxd/1",
        "a/2": "0/kvm/0",
        "c/0": "0/lxd/2",
    }
    assert sorted(model.machines) == [
        "0",
        "0/kvm/0",
        *(f"0/lxd/{n}" for n in range(3)),
        "1",
        "1/lxd/0",
    ]
