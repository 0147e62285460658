"""A model through the scripted clients of four releases."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from botlab.juju import Juju
from botlab.live.client.tasks import TaskTimedOutError
from botlab.live.connect import Target, connect
from botlab.live.errors import CommandFailedError, LiveError, LoginError, ModelMissingError
from botlab.live.live_model import DeployOptions, LiveModel
from botlab.live.results import ActionResult, CommandResult
from helpers.scripted_juju import Fault, ScriptedJuju
from helpers.scripted_labs import RELEASES, scripted_client, scripted_lab, write_bundle

VERSIONS = {"2.6": "2.6.10", "2.9": "2.9.51", "3.6": "3.6.26", "4.0": "4.0.15"}


@contextmanager
def opened(juju: ScriptedJuju) -> Generator[LiveModel]:
    """Open the model, and check at the end that each call was one of the release."""
    model = connect(Target(), juju.environment)
    try:
        yield model
    finally:
        model.close()
    assert juju.violations == []
    assert juju.living_processes() == []


@pytest.fixture(scope="module", params=RELEASES)
def juju(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ScriptedJuju:
    """The client of a release. All tests of a release share its model, to save time."""
    return scripted_lab(tmp_path_factory.mktemp("juju"), request.param)


@pytest.fixture(scope="module")
def model(juju: ScriptedJuju) -> Iterator[LiveModel]:
    with opened(juju) as model:
        yield model


def last_call(juju: ScriptedJuju) -> list[str]:
    """Return the arguments of the last call without the model, which each call names."""
    arguments = list(juju.calls[-1].arguments)
    assert arguments[1:3] == ["--model", "maas:admin/botlab"]
    return [arguments[0], *arguments[3:]]


def test_description_names_client_controller_and_model(
    juju: ScriptedJuju, model: LiveModel
) -> None:
    version = VERSIONS[juju.generation]
    assert model.description == (
        f"juju client {version}, controller maas ({version}), model admin/botlab"
    )
    assert (model.version, model.client_version) == (version, version)
    assert model.juju is Juju.parse(juju.generation)


def test_status_has_the_units(juju: ScriptedJuju, model: LiveModel) -> None:
    status = model.status()
    states = {unit.name: (unit.machine, unit.workload.current) for unit in status.units.values()}
    assert states == {
        "client/0": ("0", "active"),
        "store/0": ("0", "active"),
        "store/1": ("1", "active"),
    }
    assert last_call(juju) == ["status", "--format", "json", "--utc"]


@pytest.mark.parametrize("release", RELEASES)
def test_dry_run_and_deployment_of_a_bundle(tmp_path: Path, release: str) -> None:
    juju = scripted_client(tmp_path, release)
    bundle = write_bundle(juju)
    with opened(juju) as model:
        dry_run = model.deploy(bundle, DeployOptions(dry_run=True))
        assert dry_run.stdout.startswith("Changes to deploy bundle:\n")
        assert list(model.status().units) == []
        output = model.deploy(bundle, DeployOptions())
        assert output.stdout.startswith("Executing changes:\n")
        assert list(model.status().units) == ["client/0", "store/0", "store/1"]


def test_options_of_a_deployment(juju: ScriptedJuju, model: LiveModel) -> None:
    overlay = juju.home / "overlay.yaml"
    overlay.write_text("applications: {}\n")
    options = DeployOptions([overlay], dry_run=True, map_machines="existing,0=1", trust=True)
    model.deploy(juju.home / "bundle.yaml", options)
    assert last_call(juju) == [
        "deploy",
        str(juju.home / "bundle.yaml"),
        "--overlay",
        str(overlay),
        "--map-machines=existing,0=1",
        "--dry-run",
        "--trust",
    ]


def test_relative_path_of_a_bundle_is_made_absolute(
    juju: ScriptedJuju, model: LiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(juju.home)
    model.deploy(Path("bundle.yaml"), DeployOptions(dry_run=True, force=True))
    assert last_call(juju) == ["deploy", str(juju.home / "bundle.yaml"), "--dry-run", "--force"]


def test_applications_are_shown(model: LiveModel) -> None:
    shown = model.show_applications(["store", "client"])
    assert sorted(shown) == ["client", "store"]
    assert shown["store"]["exposed"] is False


def test_no_application_is_not_a_call(juju: ScriptedJuju, model: LiveModel) -> None:
    calls = len(juju.calls)
    assert model.show_applications([]) == {}
    model.configure("store", {})
    model.configure_model({})
    assert len(juju.calls) == calls


def option_values(model: LiveModel) -> dict[str, object]:
    return {key: option["value"] for key, option in model.config("store")["settings"].items()}


def test_options_are_set_and_reset(model: LiveModel) -> None:
    """A value that begins with @ is a value, and not the name of a file."""
    model.configure("store", {"size": "5", "token": "@two\nlines\n"})
    assert option_values(model) == {"size": 5, "token": "@two\nlines\n"}
    model.configure("store", {"size": "6"}, ["token"])
    assert option_values(model) == {"size": 6, "token": ""}
    model.configure("store", {}, ["size"])
    assert option_values(model) == {"size": 3, "token": ""}


def test_values_of_options_are_not_in_the_arguments(juju: ScriptedJuju, model: LiveModel) -> None:
    model.configure("store", {"token": "very-secret-token"})
    verb, application, token = last_call(juju)
    assert (verb, application) == ("config", "store")
    key, _, file = token.partition("=@")
    assert key == "token"
    assert not Path(file).exists()
    assert not Path(file).parent.exists()


def test_values_of_options_are_not_in_errors(model: LiveModel) -> None:
    with pytest.raises(CommandFailedError) as caught:
        model.configure("store", {"size": "very-secret-token"})
    assert str(caught.value) == 'juju config: option "size" expected int, got "(the value)"'


def test_options_and_constraints_of_the_model(juju: ScriptedJuju, model: LiveModel) -> None:
    model.configure_model({"http-proxy": "http://proxy:3128"})
    assert last_call(juju) == ["model-config", "http-proxy=http://proxy:3128"]
    assert model.model_config()["http-proxy"]["Value"] == "http://proxy:3128"
    with juju.model() as state:
        state["constraints"] = "arch=amd64"
    assert model.model_constraints()["arch"] == "amd64"


def test_relation_is_made_with_the_command_of_the_release(
    juju: ScriptedJuju, model: LiveModel
) -> None:
    model.integrate("store:db", "client:db")
    verb = "relate" if juju.generation < "3" else "integrate"
    assert last_call(juju) == [verb, "store:db", "client:db"]


def test_ssh_keys_are_listed_without_the_heading(juju: ScriptedJuju, model: LiveModel) -> None:
    with juju.model() as state:
        state["ssh_keys"] = []
    assert model.ssh_keys() == []
    with juju.model() as state:
        state["ssh_keys"] = ["ssh-ed25519 AAAA user@host"]
    (key,) = model.ssh_keys()
    assert "user@host" in key


def test_results_of_an_action_are_nested(juju: ScriptedJuju, model: LiveModel) -> None:
    juju.set_action_result("store", "verify", {"ok": "true", "pool.first": "a"}, log=["checking"])
    result = model.run_action("store/0", "verify", {"deep": "true"}, seconds=20)
    results = {"ok": "true", "pool": {"first": "a"}}
    assert (result.unit, result.status, result.results) == ("store/0", "completed", results)
    verb = "run-action" if juju.generation < "3" else "run"
    assert last_call(juju) == [
        verb,
        "--format",
        "json",
        "--wait=20s",
        "store/0",
        "verify",
        "deep=true",
    ]


def test_action_of_the_leader_names_the_unit(model: LiveModel) -> None:
    assert model.run_action("store/leader", "verify").unit == "store/0"
    assert model.run_action("store/1", "verify").unit == "store/1"


@pytest.mark.parametrize("code", [0, 2])
def test_failed_action_is_a_result(juju: ScriptedJuju, model: LiveModel, code: int) -> None:
    """With a return code above 0, the client of Juju 3 and 4 ends with 1."""
    results = {"why": "disk", "return-code": code}
    juju.set_action_result("store", "verify", results, status="failed", message="too small")
    assert model.run_action("store/0", "verify") == ActionResult(
        "store/0", "failed", "too small", {"why": "disk"}
    )


def test_action_that_is_late(juju: ScriptedJuju, model: LiveModel) -> None:
    juju.set_action_result("client/0", "verify", seconds=30)
    with pytest.raises(TaskTimedOutError) as caught:
        model.run_action("client/0", "verify", seconds=0.5)
    verb = "run-action" if juju.generation < "3" else "run"
    start = f"juju {verb} client/0 verify: client/0 has no result after 0.5 seconds"
    assert str(caught.value).startswith(start)


def test_action_that_does_not_exist(model: LiveModel) -> None:
    with pytest.raises(CommandFailedError, match=r'action "nosuch" not defined'):
        model.run_action("store/0", "nosuch")


def test_action_of_a_unit_that_does_not_exist(model: LiveModel) -> None:
    with pytest.raises(CommandFailedError, match=r'unit "store/9" not found'):
        model.run_action("store/9", "verify")


def test_command_on_a_unit(juju: ScriptedJuju, model: LiveModel) -> None:
    juju.set_command_result("store/0", "ls", "out\n", stderr="err\n", return_code=2)
    assert model.execute("store/0", ["ls", "-l", "a b"], seconds=9) == CommandResult(
        "store/0", 2, "out\n", "err\n"
    )
    verb, limit = ("run", "--timeout") if juju.generation < "3" else ("exec", "--wait")
    options = ["--format", "json", f"{limit}=9s", "--unit", "store/0", "--"]
    assert last_call(juju) == [verb, *options, "ls", "-l", "a b"]


def test_command_that_is_late(juju: ScriptedJuju, model: LiveModel) -> None:
    juju.set_command_result("store/0", "late", seconds=30)
    with pytest.raises(TaskTimedOutError):
        model.execute("store/0", ["late"], seconds=0.5)


def test_command_on_a_unit_that_does_not_exist(model: LiveModel) -> None:
    with pytest.raises(LiveError, match=r'unit "store/9" not found'):
        model.execute("store/9", ["ls"])


def test_file_of_a_unit_is_read(juju: ScriptedJuju, model: LiveModel) -> None:
    with juju.model() as state:
        state["ssh_keys"] = ["ssh-ed25519 AAAA user@host"]
    juju.put_file("store/0", "config", "apiVersion: v1\n")
    assert model.read_file("store/0", "config") == "apiVersion: v1\n"
    assert last_call(juju) == ["ssh", "store/0", "cat", "config"]
    juju.set_command_result(
        "store/0", "cat 'a b'", stderr="cat: a b: No such file\n", return_code=1
    )
    with pytest.raises(CommandFailedError, match=r"^juju ssh: cat: a b: No such file$"):
        model.read_file("store/0", "a b")


def test_file_of_a_leader_is_read(juju: ScriptedJuju, model: LiveModel) -> None:
    """Juju 2.6 has no command that reads a file of `APPLICATION/leader`."""
    with juju.model() as state:
        state["ssh_keys"] = ["ssh-ed25519 AAAA user@host"]
    juju.put_file("store/0", "config", "apiVersion: v1\n")
    assert model.read_file("store/leader", "config") == "apiVersion: v1\n"


def test_file_cannot_be_read_without_an_ssh_key(tmp_path: Path) -> None:
    """Juju 4 does not add the user's keys to a model."""
    with opened(scripted_lab(tmp_path, "4.0")) as model, pytest.raises(LoginError) as caught:
        model.read_file("store/0", "config")
    assert "juju add-ssh-key" in str(caught.value)


def test_command_of_the_client_has_the_name_of_the_release(
    juju: ScriptedJuju, model: LiveModel
) -> None:
    model.run_client(["refresh", "store"], seconds=30)
    verb = "upgrade-charm" if juju.generation < "3" else "refresh"
    assert last_call(juju) == [verb, "store"]


def test_model_that_was_removed_is_named_by_the_error_of_an_action(tmp_path: Path) -> None:
    """The client ends as after a failed action, but prints no document."""
    juju = scripted_lab(tmp_path, "3.6")
    model = connect(Target(), juju.environment)
    juju.fail(Fault.error("run", 'model "maas:admin/botlab" not found'))

    with pytest.raises(ModelMissingError) as caught:
        model.run_action("store/0", "verify", {}, seconds=10)
    model.close()
    assert caught.value.model == "botlab"
