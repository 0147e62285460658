"""The model through python-libjuju."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlab.juju import Juju
from botlab.live.connect import Target, connect
from botlab.live.errors import (
    CallTimedOutError,
    CommandFailedError,
    LoginError,
    UnreachableError,
    UnsupportedError,
)
from botlab.live.libjuju.api import ModelApi
from botlab.live.libjuju.model import LibjujuModel
from botlab.live.live_model import DeployOptions, LiveModel
from helpers.fake_controller import MODEL_UUID, PASSWORD, ControllerState, FakeController

from .conftest import LIBRARY, VERSION

IS_OLD = VERSION.startswith("2.9")


@pytest.fixture
def model(controller: FakeController) -> Iterator[LiveModel]:
    del controller
    model = connect(Target(backend="libjuju"))
    yield model
    model.close()


def test_description_names_library_controller_and_model(model: LiveModel) -> None:
    assert model.description == (
        f"python-libjuju {LIBRARY}, controller {VERSION}, model {MODEL_UUID}"
    )
    assert model.version == VERSION
    assert model.juju is (Juju.V2_9 if IS_OLD else Juju.V3_6)
    assert model.client_version == ""


def test_files_of_the_client_lead_to_the_model(
    controller: FakeController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in controller.environment():
        monkeypatch.delenv(name)
    for name, value in controller.client_files(tmp_path, "lab").items():
        monkeypatch.setenv(name, value)
    for target in (Target(backend="libjuju"), Target("lab", "lab", "libjuju")):
        model = connect(target)
        model.close()
        assert model.description.endswith(MODEL_UUID)


def test_status_is_that_of_the_facade(model: LiveModel, state: ControllerState) -> None:
    idle = {"status": "idle", "info": "", "since": "2026-11-20T10:05:00Z", "version": VERSION}
    active = {"status": "active", "info": "ready", "since": "2026-11-20T10:05:00Z"}
    unit = {"workload-status": active, "agent-status": idle, "machine": "0", "leader": True}
    state.status = {
        "model": {"name": "lab", "type": "iaas", "version": VERSION, "cloud-tag": "cloud-maas"},
        "machines": {"0": {"agent-status": idle, "hardware": "cores=8"}},
        "applications": {"etcd": {"charm": "ch:amd64/jammy/etcd-760", "units": {"etcd/0": unit}}},
        "relations": [],
        "offers": {},
    }
    status = model.status()
    assert (status.name, status.cloud, status.version) == ("lab", "maas", VERSION)
    assert status.units["etcd/0"].workload.message == "ready"
    assert status.units["etcd/0"].is_leader
    assert status.machines["0"].hardware == {"cores": "8"}


def test_options_are_read_and_changed(model: LiveModel, state: ControllerState) -> None:
    setting = {"value": "3.4/stable", "type": "string", "source": "user"}
    state.options["etcd"] = {"channel": setting}
    assert model.config("etcd")["settings"] == {"channel": setting}
    model.configure("etcd", {"channel": "3.5/stable"}, ["port"])
    (change,) = state.calls_of("Application", "SetConfigs")
    assert change["Args"][0]["application"] == "etcd"
    assert change["Args"][0]["config"] == {"channel": "3.5/stable"}
    (reset,) = state.calls_of("Application", "UnsetApplicationsConfig")
    assert reset["Args"][0]["options"] == ["port"]


def test_applications_have_the_form_of_the_client(
    model: LiveModel, state: ControllerState
) -> None:
    state.applications["etcd"] = {
        "charm": "etcd",
        "base": {"name": "ubuntu", "channel": "24.04/stable"},
        "constraints": {"arch": "amd64"},
        "principal": True,
        "endpoint-bindings": {"": "alpha"},
    }
    assert model.show_applications(["etcd"]) == {
        "etcd": {
            "charm": "etcd",
            "base": "ubuntu@24.04",
            "constraints": {"arch": "amd64"},
            "principal": True,
            "endpoint-bindings": {"": "alpha"},
        }
    }


def test_options_and_constraints_of_the_model(model: LiveModel, state: ControllerState) -> None:
    state.model_options = {"http-proxy": {"value": "http://proxy:3128", "source": "model"}}
    state.constraints = {"arch": "arm64"}
    assert model.model_config() == {
        "http-proxy": {"Value": "http://proxy:3128", "Source": "model"}
    }
    assert model.model_constraints() == {"arch": "arm64"}
    model.configure_model({"http-proxy": ""})
    assert state.calls_of("ModelConfig", "ModelSet") == [{"config": {"http-proxy": ""}}]


def test_relation_and_keys(model: LiveModel, state: ControllerState) -> None:
    state.keys = ["SHA256:abc (me)"]
    model.integrate("etcd:db", "calico:etcd")
    (relation,) = state.calls_of("Application", "AddRelation")
    assert relation["endpoints"] == ["etcd:db", "calico:etcd"]
    assert model.ssh_keys() == ["SHA256:abc (me)"]


def test_action_is_judged_by_its_status(model: LiveModel, state: ControllerState) -> None:
    state.actions["metallb/0", "verify"] = {
        "status": "failed",
        "message": "no address pool",
        "output": {"ok": "false", "nested": {"key": "value"}, "return-code": 0},
        "log": [{"message": "looking"}],
    }
    result = model.run_action("metallb/0", "verify", {"wait": "1"})
    assert (result.unit, result.status, result.message) == (
        "metallb/0",
        "failed",
        "no address pool",
    )
    assert result.results == {"ok": "false", "nested": {"key": "value"}}
    assert result.log == ("looking",)
    method = "Enqueue" if IS_OLD else "EnqueueOperation"
    (call,) = state.calls_of("Action", method)
    assert call["actions"] == [
        {"receiver": "unit-metallb-0", "name": "verify", "parameters": {"wait": "1"}}
    ]


def test_action_of_the_leader_runs_on_the_leader(model: LiveModel, state: ControllerState) -> None:
    state.status = {
        "applications": {
            "metallb": {
                "charm": "metallb",
                "units": {"metallb/0": {}, "metallb/3": {"leader": True}},
            }
        }
    }
    state.actions["metallb/3", "verify"] = {"status": "completed", "output": {"ok": "true"}}
    result = model.run_action("metallb/leader", "verify")
    assert (result.unit, result.is_successful) == ("metallb/3", True)


def test_unknown_action_is_refused(model: LiveModel) -> None:
    with pytest.raises(CommandFailedError) as caught:
        model.run_action("metallb/0", "nosuch")
    assert 'action "nosuch" not defined on unit "metallb/0"' in str(caught.value)


def test_action_that_does_not_end_is_left_alone(model: LiveModel, state: ControllerState) -> None:
    state.actions["metallb/0", "verify"] = {"status": "completed"}
    state.polls = 1000
    with pytest.raises(CommandFailedError) as caught:
        model.run_action("metallb/0", "verify", seconds=0.2)
    assert "no result after 0.2 seconds; it goes on as task 1" in str(caught.value)


def test_command_on_a_unit(model: LiveModel, state: ControllerState) -> None:
    output = (
        {"Code": "3", "Stdout": "out\n", "Stderr": "err\n"}
        if IS_OLD
        else {"return-code": 3, "stdout": "out\n", "stderr": "err\n"}
    )
    state.actions["etcd/0", "run"] = {"status": "completed", "output": output}
    result = model.execute("etcd/0", ["cat", "a file"])
    assert (result.status, result.stdout, result.stderr) == (3, "out\n", "err\n")
    (call,) = state.calls_of("Action", "Run")
    assert call["commands"] == "cat 'a file'"


def test_file_is_not_read_because_the_controller_would_store_it(model: LiveModel) -> None:
    with pytest.raises(UnsupportedError) as caught:
        model.read_file("etcd/0", "/home/ubuntu/config")
    assert "use --backend client" in str(caught.value)


def test_bundle_is_deployed_by_the_plan_of_the_controller(
    model: LiveModel, state: ControllerState, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text("machines:\n  '0': {}\n")
    arguments = [{"series": "bionic"}] if IS_OLD else {"series": "noble"}
    change = {"id": "addMachines-0", "method": "addMachines", "args": arguments, "requires": []}
    state.plan = {"changes": [change], "errors": []}
    output = model.deploy(bundle, DeployOptions())
    assert output.stderr == "Deploy of bundle completed.\n"
    (call,) = state.calls_of("Bundle", "GetChanges" if IS_OLD else "GetChangesMapArgs")
    assert "machines" in call["yaml"]
    facade = "Client" if IS_OLD else "MachineManager"
    assert len(state.calls_of(facade, "AddMachines")) == 1


def test_bundle_that_the_controller_refuses_is_an_error(
    model: LiveModel, state: ControllerState, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text("machines: {}\n")
    state.plan = {"changes": [], "errors": ["at least one application must be specified"]}
    with pytest.raises(CommandFailedError) as caught:
        model.deploy(bundle, DeployOptions())
    assert "at least one application must be specified" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (DeployOptions(dry_run=True), "--dry-run"),
        (DeployOptions(map_machines="existing"), "--map"),
    ],
)
def test_what_the_library_cannot_do_names_the_client(
    model: LiveModel, options: DeployOptions, word: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        model.deploy(Path("bundle.yaml"), options)
    assert word in str(caught.value)
    assert "use --backend client" in str(caught.value)


def test_call_without_an_answer_ends_at_its_limit(
    controller: FakeController, state: ControllerState
) -> None:
    del controller
    model = connect(Target(backend="libjuju"))
    assert isinstance(model, LibjujuModel)
    state.hangs = {"Client.FullStatus"}
    started = time.monotonic()
    with pytest.raises(CallTimedOutError) as caught:
        _api(model).call("Client", "FullStatus", seconds=0.5)
    assert caught.value.seconds == 0.5
    assert time.monotonic() - started < 5
    model.close()
    assert [thread.name for thread in threading.enumerate() if thread.name == "libjuju"] == []


def test_controller_that_goes_away_is_unreachable(
    model: LiveModel, controller: FakeController
) -> None:
    controller.stop()
    with pytest.raises((UnreachableError, CallTimedOutError)):
        _api(model).call("Client", "FullStatus", seconds=5)


def test_wrong_password_is_a_login_error_without_the_password(
    controller: FakeController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del controller
    wrong = tmp_path / "wrong"
    wrong.write_text("another-secret")
    monkeypatch.setenv("BOTLAB_JUJU_PASSWORD_FILE", str(wrong))
    with pytest.raises(LoginError) as caught:
        connect(Target(backend="libjuju"))
    assert "log in with `juju login`" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert "another-secret" not in str(caught.value)


def test_certificate_of_another_authority_is_refused(
    controller: FakeController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del controller
    authority = Path(__file__).parents[1] / "kube/other-ca.pem"
    monkeypatch.setenv("BOTLAB_JUJU_CA_FILE", str(authority))
    with pytest.raises(UnreachableError) as caught:
        connect(Target(backend="libjuju"))
    assert "certificate" in str(caught.value).lower()


@pytest.mark.parametrize("version", ["4.0.15", "2.9.51" if not IS_OLD else "3.6.11"])
def test_controller_of_another_major_release_names_the_client(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeController(version, ControllerState(), tmp_path) as controller:
        for name, value in controller.environment().items():
            monkeypatch.setenv(name, value)
        with pytest.raises(UnsupportedError) as caught:
            connect(Target(backend="libjuju"))
    assert "use --backend client" in str(caught.value)


def _api(model: LiveModel) -> ModelApi:
    assert isinstance(model, LibjujuModel)
    return model._api
