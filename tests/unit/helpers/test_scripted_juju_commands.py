"""Commands of the scripted juju client change the model, and later commands show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.scripted_juju import ScriptedJuju
from helpers.scripted_sites import GENERATIONS, deployed


def ok(juju: ScriptedJuju, *arguments: str) -> str:
    """Run a call that must succeed, and return what it prints."""
    done = juju.run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def document(juju: ScriptedJuju, *arguments: str) -> Any:
    """Return the JSON that a call prints."""
    return json.loads(ok(juju, *arguments, "--format", "json"))


@pytest.fixture(name="juju")
def deployed_lab(tmp_path: Path) -> ScriptedJuju:
    """Return a scripted client of 3.6 with the small lab."""
    return deployed(tmp_path, "3.6")


def test_options_are_set_read_and_reset(juju: ScriptedJuju) -> None:
    """Values have the type of the option."""
    ok(juju, "config", "server", "port=81", "names=a=b", "debug=true")
    settings = document(juju, "config", "server")["settings"]
    values = {key: (setting["value"], setting["source"]) for key, setting in settings.items()}
    ok(juju, "config", "server", "--reset", "port,names")

    assert values == {"debug": (True, "user"), "names": ("a=b", "user"), "port": (81, "user")}
    assert ok(juju, "config", "server", "debug") == "true\n"
    assert ok(juju, "config", "server", "port") == "80\n"
    assert ok(juju, "config", "server", "names") == "\n"


def test_options_are_read_from_a_file(juju: ScriptedJuju) -> None:
    """The file has a section for each application."""
    path = juju.home / "options.yaml"
    path.write_text("server: {port: 82}\n")

    ok(juju, "config", "server", "--file", str(path))

    assert ok(juju, "config", "server", "port") == "82\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["port=many"], 'option "port" expected int, got "many"'),
        (["nosuch=1"], 'unknown option "nosuch"'),
        (["nosuch"], 'key "nosuch" not found in "server" application config or charm settings.'),
    ],
)
def test_wrong_options_are_refused(words: list[str], message: str, juju: ScriptedJuju) -> None:
    """The texts are Juju's."""
    done = juju.run("config", "server", *words)

    assert (done.returncode, done.stderr) == (1, f"ERROR {message}\n")


def test_settings_and_constraints_of_the_model(juju: ScriptedJuju) -> None:
    """Defaults and settings of the model have different sources."""
    ok(juju, "model-config", "default-space=alpha")
    ok(juju, "set-model-constraints", "arch=amd64", "mem=4G")

    assert document(juju, "model-config")["default-space"] == {"Value": "alpha", "Source": "model"}
    assert ok(juju, "model-config", "type") == "maas\n"
    assert document(juju, "model-constraints") == {"arch": "amd64", "mem": 4096}
    assert ok(juju, "model-constraints") == "arch=amd64 mem=4G\n"


def test_constraints_of_an_application(juju: ScriptedJuju) -> None:
    """A subordinate has none."""
    ok(juju, "set-constraints", "server", "tags=a,b", "cores=4")
    refused = juju.run("set-constraints", "agent", "cores=4")

    assert document(juju, "constraints", "server") == {"tags": ["a", "b"], "cores": 4}
    assert refused.stderr == "ERROR constraints do not apply to subordinate applications\n"


def test_exposed_endpoints(juju: ScriptedJuju) -> None:
    """An application stays exposed as long as one endpoint is."""
    ok(juju, "unexpose", "server")
    closed = document(juju, "show-application", "server")["server"]
    ok(juju, "expose", "server", "--endpoints", "api", "--to-cidrs", "10.0.0.0/8")
    shown = document(juju, "show-application", "server")["server"]

    assert (closed["exposed"], "exposed-endpoints" in closed) == (False, False)
    assert shown["exposed"] is True
    assert shown["exposed-endpoints"] == {"api": {"expose-to-cidrs": ["10.0.0.0/8"]}}
    assert document(juju, "status")["applications"]["server"]["exposed"] is True


@pytest.mark.parametrize(
    ("generation", "command"),
    [("2.6", "relate"), ("2.9", "add-relation"), ("3.6", "integrate"), ("4.0", "integrate")],
)
def test_relations_are_inferred_added_and_removed(
    generation: str, command: str, tmp_path: Path
) -> None:
    """The endpoints follow from the interfaces."""
    juju = deployed(tmp_path, generation)
    ok(juju, "remove-relation", "client", "server")
    removed = document(juju, "status")["applications"]["client"].get("relations")
    ok(juju, command, "client", "server")
    relations = document(juju, "status")["applications"]["client"]["relations"]
    again = juju.run(command, "client:server", "server:api")

    assert removed is None
    assert list(relations) == ["server"]
    pair = "client:server server:api"
    hint = "Use 'juju status --relations' to view the current relations.\n"
    expected = f'ERROR cannot add relation "{pair}"\nrelation {pair} already exists: \n\n{hint}'
    if generation == "2.6":
        expected = f'cannot add relation "{pair}": relation {pair} already exists\n'
    assert (again.returncode, again.stderr) == (int(generation != "2.6"), expected)


def test_relation_without_common_interface_is_refused(juju: ScriptedJuju) -> None:
    """No endpoint of the client fits."""
    done = juju.run("integrate", "client:server", "server:servers")

    assert (done.returncode, done.stderr) == (1, "ERROR no relations found\n")


def test_subordinate_units_follow_the_relation_and_the_principals(juju: ScriptedJuju) -> None:
    """They come with the relation, with each new unit of the principal, and go with both."""
    ok(juju, "integrate", "agent", "client:juju-info")
    with_relation = units_of(juju, "agent")
    ok(juju, "add-unit", "server", "--to", "0")
    with_unit = units_of(juju, "agent")
    ok(juju, "remove-unit", "server/2")
    ok(juju, "remove-relation", "agent", "client")

    assert with_relation == ["agent/0", "agent/1", "agent/2"]
    assert with_unit == ["agent/0", "agent/1", "agent/2", "agent/3"]
    assert units_of(juju, "agent") == ["agent/0", "agent/1"]
    agent = document(juju, "status")["applications"]["agent"]
    assert agent["subordinate-to"] == ["server"]


def units_of(juju: ScriptedJuju, application: str) -> list[str]:
    """Return the units of an application in the state."""
    units = juju.snapshot()["models"]["botlab"]["units"]
    return sorted(name for name, unit in units.items() if unit["application"] == application)


def test_units_are_placed_and_removed(juju: ScriptedJuju) -> None:
    """New machines and containers get new ids; the next unit leads when the leader is removed."""
    ok(juju, "add-unit", "server", "-n", "3", "--to", "0,lxd:1")
    ok(juju, "remove-unit", "server/0", "--no-prompt")
    units = document(juju, "status")["applications"]["server"]["units"]

    assert {name: unit["machine"] for name, unit in units.items()} == {
        "server/1": "1/lxd/0",
        "server/2": "0",
        "server/3": "1/lxd/1",
        "server/4": "2",
    }
    assert [name for name, unit in units.items() if unit.get("leader")] == ["server/1"]


def test_application_is_removed_with_units_relations_and_subordinates(juju: ScriptedJuju) -> None:
    """The machines stay, and can be removed then."""
    refused = juju.run("remove-machine", "0")
    ok(juju, "remove-application", "server", "--no-prompt")
    ok(juju, "remove-machine", "0")
    status = document(juju, "status")

    assert refused.stderr == (
        'ERROR removing machine failed: machine 0 has unit "server/0" assigned\n'
    )
    assert list(status["applications"]) == ["agent", "client"]
    assert "relations" not in status["applications"]["client"]
    assert list(status["machines"]) == ["1"]
    assert units_of(juju, "agent") == []


@pytest.mark.parametrize(
    ("generation", "argument", "value"),
    [
        ("2.9", "extra-info={a: b}", "ERROR extra-info: expected string, got map\n"),
        ("2.9", "extra-info='{a: b}'", "{a: b}\n"),
        ("2.9", "extra-info=17", "17\n"),
        ("3.6", "extra-info={a: b}", "{a: b}\n"),
        ("3.6", "extra-info='{a: b}'", "'{a: b}'\n"),
    ],
)
def test_juju_2_reads_settings_of_the_model_as_yaml(
    generation: str, argument: str, value: str, tmp_path: Path
) -> None:
    juju = deployed(tmp_path, generation)
    done = juju.run("model-config", argument)

    shown = done.stderr if done.returncode else ok(juju, "model-config", "extra-info")
    assert shown == value


def test_removal_asks_where_the_model_requires_it(juju: ScriptedJuju) -> None:
    """The setting `mode` of the model makes the client of 3.x ask."""
    ok(juju, "model-config", "mode=requires-prompts")

    done = juju.run("remove-application", "server")

    assert done.returncode == 1
    assert juju.violations == [
        "juju remove-application server: remove-application asks for confirmation"
    ]


def test_local_charm_is_refreshed_from_a_path(juju: ScriptedJuju) -> None:
    """The revision grows; a local charm needs a path, and it must be the same charm."""
    charms = juju.home / "site/charms"
    needs_path = juju.run("refresh", "server")
    wrong = juju.run("refresh", "server", "--path", str(charms / "client.charm"))
    ok(juju, "refresh", "server", "--path", str(charms / "server.charm"))

    assert needs_path.stderr == (
        "ERROR refreshing a local charm requires either --path or --switch\n"
    )
    assert wrong.stderr == 'ERROR cannot refresh "server" to "client"\n'
    assert document(juju, "status")["applications"]["server"]["charm-rev"] == 1


def test_resource_is_attached(juju: ScriptedJuju) -> None:
    """The charm must have it."""
    path = juju.home / "image"
    path.write_text("x")
    ok(juju, "attach-resource", "server", f"image={path}")
    refused = juju.run("attach-resource", "server", f"nosuch={path}")

    assert juju.snapshot()["models"]["botlab"]["applications"]["server"]["resources"] == {
        "image": str(path)
    }
    assert "nosuch" in refused.stderr


@pytest.mark.parametrize("generation", GENERATIONS)
def test_controllers_models_and_user(generation: str, tmp_path: Path) -> None:
    """The version has the form of the release, the names are those of the set-up."""
    juju = ScriptedJuju.create(tmp_path, generation, controller="lab", model="gpu")
    controllers = document(juju, "controllers")
    details = document(juju, "show-controller")["lab"]

    assert document(juju, "version").startswith(f"{generation}.")
    assert document(juju, "whoami") == {
        "controller": "lab",
        "model": "admin/gpu",
        "user": "admin",
    }
    assert controllers["current-controller"] == "lab"
    assert details["details"]["agent-version"].startswith(f"{generation}.")
    assert list(document(juju, "show-model")) == ["gpu"]
    names = [model["short-name"] for model in document(juju, "models")["models"]]
    assert names == ["controller", "gpu"]


def test_models_are_separate(juju: ScriptedJuju) -> None:
    """A call can name the model, by option or by variable."""
    ok(juju, "add-model", "other", "--no-switch")
    by_option = document(juju, "status", "-m", "maas:admin/other")
    juju.environment["JUJU_MODEL"] = "other"
    by_variable = document(juju, "status")
    del juju.environment["JUJU_MODEL"]

    assert by_option["applications"] == by_variable["applications"] == {}
    assert list(document(juju, "status")["applications"]) == ["agent", "client", "server"]


def test_status_of_one_application(juju: ScriptedJuju) -> None:
    """Its machines are shown with it."""
    status = document(juju, "status", "client")

    assert list(status["applications"]) == ["client"]
    assert list(status["machines"]) == ["1"]


def test_networks_log_and_actions(juju: ScriptedJuju) -> None:
    """What the set-up does not name has a default."""
    with juju.model() as model:
        model["debug_log"] = ["unit-server-0: one", "unit-client-0: two", "unit-server-0: three"]

    assert list(document(juju, "subnets")["subnets"]) == ["192.0.2.0/24"]
    assert [space["name"] for space in document(juju, "spaces")["spaces"]] == ["alpha"]
    assert ok(juju, "debug-log", "--include", "server", "--limit", "1", "--no-tail") == (
        "unit-server-0: three\n"
    )
    assert document(juju, "actions", "server") == {"verify": "Check the server."}


@pytest.mark.parametrize("generation", ["2.6", "2.9", "3.6"])
def test_exported_bundle_has_what_was_deployed(generation: str, tmp_path: Path) -> None:
    """Up to 3.6."""
    import yaml

    juju = deployed(tmp_path, generation)
    bundle = yaml.safe_load(ok(juju, "export-bundle"))

    platform = (
        {"series": "jammy"}
        if generation.startswith("2")
        else {"default-base": "ubuntu@22.04/stable"}
    )
    assert platform.items() <= bundle.items()
    assert bundle["applications"]["server"] == {
        "charm": "local:jammy/server-0",
        "num_units": 2,
        "to": ["0", "lxd:1"],
        "expose": True,
        "options": {"port": 8080},
        "constraints": "arch=amd64",
    }
    assert bundle["relations"] == [
        ["client:server", "server:api"],
        ["agent:host", "server:juju-info"],
    ]
