"""The choice of a backend and of the model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.live.connect import Target, connect
from botlab.live.errors import (
    CallTimedOutError,
    ClientMissingError,
    ControllerMissingError,
    DeadlineError,
    ModelMissingError,
    UnsupportedError,
)
from botlab.live.live_model import LiveModel
from botlab.live.time_limits import Deadline
from helpers.juju_stub import JujuStub


def environment_of(stub: JujuStub) -> dict[str, str]:
    return {"PATH": f"{stub.program.parent}:/usr/bin:/bin", "HOME": str(stub.program.parent)}


def opened(stub: JujuStub, target: Target = Target()) -> LiveModel:  # noqa: B008 - frozen
    model = connect(target, environment_of(stub))
    model.close()
    return model


@pytest.mark.parametrize(
    ("target", "calls"),
    [
        (Target(), [["show-model"], ["show-controller", "lab"]]),
        (Target("bot"), [["show-model", "bot"], ["show-controller", "lab"]]),
        (Target("", "lab"), [["show-controller", "lab"], ["show-model", "lab:admin/bot"]]),
        (Target("bot", "lab"), [["show-controller", "lab"], ["show-model", "lab:bot"]]),
        (Target("lab:bot"), [["show-controller", "lab"], ["show-model", "lab:bot"]]),
        (Target("lab:bot", "lab"), [["show-controller", "lab"], ["show-model", "lab:bot"]]),
    ],
)
def test_model_and_controller_of_a_target(
    tmp_path: Path, target: Target, calls: list[list[str]]
) -> None:
    stub = JujuStub(tmp_path)
    model = opened(stub, target)
    assert model.description == "juju client 3.6.11, controller lab (3.6.11), model admin/bot"
    assert [[verb, *operands] for verb, *operands in stub.calls] == [
        ["version", "--format", "json"],
        *([verb, "--format", "json", *operands] for verb, *operands in calls),
    ]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            Target("a:bot", "b"),
            "--model a:bot is on controller a, but --controller names b; name the controller once",
        ),
        (
            Target("--help"),
            "--model and --controller: a name cannot begin with '-'; juju models lists the models",
        ),
    ],
)
def test_target_that_cannot_be_is_one_error(tmp_path: Path, target: Target, message: str) -> None:
    stub = JujuStub(tmp_path)
    with pytest.raises(BotlabError) as caught:
        opened(stub, target)
    assert (str(caught.value), stub.calls) == (message, [])


def test_controller_without_a_current_model(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    stub.answer("show-controller", '{"lab": {"details": {"agent-version": "3.6.11"}}}')
    with pytest.raises(ModelMissingError) as caught:
        opened(stub, Target("", "lab"))
    assert str(caught.value) == (
        "controller lab has no current model; create one with `juju add-model -c lab NAME`, or"
        " name one with --model"
    )


def test_model_that_does_not_exist(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    stub.answer("show-model", "{}\n", "ERROR model lab:admin/other not found\n", 1)
    with pytest.raises(ModelMissingError, match=r"with `juju add-model -c lab other`"):
        opened(stub, Target("other", "lab"))
    with pytest.raises(ModelMissingError, match=r"create the model with `juju add-model other`"):
        opened(stub, Target("other"))


def test_controller_that_does_not_exist(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    stub.answer("show-controller", "{}\n", "ERROR controller other not found\n", 1)
    with pytest.raises(ControllerMissingError, match=r"juju controllers lists them"):
        opened(stub, Target("", "other"))


@pytest.mark.parametrize("document", ["{}", '{"lab": null}'])
def test_controller_without_facts(tmp_path: Path, document: str) -> None:
    """The version of the model's agents counts if the user may not see the controller's."""
    stub = JujuStub(tmp_path)
    stub.answer("show-controller", document)
    if document == "{}":
        with pytest.raises(BotlabError, match=r"^juju show-controller: .*it names no controller"):
            opened(stub)
    else:
        assert opened(stub).version == "3.6.11"


def test_client_that_is_too_old_names_the_channel(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path, version="2.9.51", controller="3.6.11")
    with pytest.raises(UnsupportedError) as caught:
        opened(stub, Target(backend="client"))
    assert str(caught.value) == (
        "the juju client 2.9.51 is too old for controller lab (3.6.11); install a newer one with"
        " `sudo snap refresh juju --channel 3.6/stable`"
    )


def test_newer_client_is_used(tmp_path: Path) -> None:
    model = opened(JujuStub(tmp_path, version="3.6.11", controller="2.9.51"))
    assert (model.version, model.client_version) == ("2.9.51", "3.6.11")


def test_release_that_botlab_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"^Juju 5\.0\.1 is not supported; botlab works"):
        opened(JujuStub(tmp_path, version="5.0.1"))


def test_no_client_and_no_library(tmp_path: Path) -> None:
    with pytest.raises(ClientMissingError) as caught:
        connect(Target(), {"PATH": str(tmp_path)})
    assert str(caught.value) == (
        "neither the juju client nor python-libjuju is installed; install the client with `sudo"
        " snap install juju`"
    )


def test_client_that_is_asked_for_and_missing(tmp_path: Path) -> None:
    with pytest.raises(ClientMissingError, match=r"^the program juju is not installed"):
        connect(Target(backend="client"), {"PATH": str(tmp_path)})


def test_controller_that_does_not_answer_before_the_deadline(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    stub.run("show-model", "sleep 300\n")
    with pytest.raises(DeadlineError) as caught:
        connect(Target(), environment_of(stub), Deadline(1.5))
    assert caught.value.exit_status == 3
    assert str(caught.value) == (
        "juju show-model: not finished within the time that --timeout allows; check that the"
        " controller is up (juju show-controller), or allow more time"
    )


def test_deadline_ends_a_call_of_the_model(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    seconds = [0.0]
    model = connect(Target(), environment_of(stub), Deadline(10, clock=lambda: seconds[0]))
    stub.answer("status", json.dumps({"model": {"name": "bot"}}))
    assert model.status().name == "bot"
    seconds[0] = 11
    with pytest.raises(DeadlineError):
        model.status()
    model.close()


def test_timed_out_call_is_not_the_deadline(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    model = connect(Target(), environment_of(stub), Deadline(300))
    stub.run("refresh", "sleep 300\n")
    with pytest.raises(CallTimedOutError):
        model.run_client(["refresh"], seconds=0.3)
    model.close()


def test_backend_is_imported_only_when_it_is_chosen() -> None:
    code = (
        "import sys, botlab.live.connect; print([name for name in sys.modules"
        " if name.startswith(('jubilant', 'botlab.live.client', 'juju'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "[]\n"


LIBRARY = "botlab.live.libjuju.connect"


class Library:
    """The module that connects through python-libjuju.

    Attributes:
        targets: The targets that it was asked for.
        model: What it returns.
    """

    def __init__(self) -> None:
        self.targets: list[Target] = []
        self.model = object()

    def connect_libjuju(self, target: Target) -> object:
        """Return the model."""
        self.targets.append(target)
        return self.model


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Install python-libjuju."""
    library = Library()
    monkeypatch.setitem(sys.modules, LIBRARY, library)
    monkeypatch.setattr("importlib.metadata.distribution", lambda name: {"juju": library}[name])
    return library


@pytest.mark.parametrize("backend", ["libjuju", "auto"])
def test_library_is_used_where_it_is_asked_for_or_no_client_is_installed(
    tmp_path: Path, library: Library, backend: str
) -> None:
    target = Target("lab:bot", "", backend)

    assert connect(target, {"PATH": str(tmp_path)}) is library.model
    assert library.targets == [target]


def test_library_replaces_a_client_that_is_too_old(tmp_path: Path, library: Library) -> None:
    """Unless the client was asked for."""
    stub = JujuStub(tmp_path, version="2.9.51", controller="3.6.11")

    assert connect(Target(), environment_of(stub)) is library.model
    with pytest.raises(UnsupportedError, match="is too old for controller lab"):
        connect(Target(backend="client"), environment_of(stub))
    assert library.targets == [Target()]


def test_client_is_preferred_to_the_library(tmp_path: Path, library: Library) -> None:
    assert opened(JujuStub(tmp_path)).client_version == "3.6.11"
    assert library.targets == []


def test_library_that_cannot_be_imported_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the packages for each release."""
    monkeypatch.setitem(sys.modules, LIBRARY, None)

    with pytest.raises(ClientMissingError) as caught:
        connect(Target(backend="libjuju"), {"PATH": str(tmp_path)})
    start, _, end = str(caught.value).partition(" (")
    assert start == "--backend libjuju: python-libjuju cannot be imported"
    assert end.endswith(
        "); install it with `pip install 'botlab[libjuju36]'` (Juju 3) or `'botlab[libjuju29]'`"
        " (Juju 2.9), or use --backend client"
    )
