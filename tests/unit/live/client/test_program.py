"""The part of jubilant that is replaced."""

from __future__ import annotations

import inspect
import json
import logging
from pathlib import Path

import jubilant_backports
import pytest

from botlab.live.client.installation import Installation
from botlab.live.client.program import JujuProgram
from botlab.live.errors import ClientMissingError
from botlab.live.process import ProcessRunner
from helpers.juju_stub import JujuStub


def program_of(stub: JujuStub, model: str | None = None) -> JujuProgram:
    return JujuProgram(Installation(str(stub.program), {}), ProcessRunner(), model)


def test_replaced_method_has_the_signature_of_jubilant() -> None:
    """The method is private, so that a release of jubilant may change it at any time."""
    signature = str(inspect.signature(jubilant_backports.Juju._cli))
    assert signature == (
        "(self, *args: 'str', include_model: 'bool' = True, stdin: 'str | None' = None,"
        " log: 'bool' = True) -> 'tuple[str, str]'"
    ), (
        "jubilant-backports has changed its private method Juju._cli. Read the new method, change"
        " JujuProgram._cli in botlab/live/client/program.py to fit, and then change this test."
    )
    assert str(inspect.signature(JujuProgram._cli)) == signature


def test_all_methods_of_jubilant_run_the_program_through_the_replaced_method() -> None:
    """Only this method may start a process: the others have no time limit."""
    methods = inspect.getmembers(jubilant_backports.Juju, inspect.isfunction)
    starters = [name for name, method in methods if "subprocess." in inspect.getsource(method)]
    assert starters == ["_cli"]


@pytest.mark.parametrize(
    ("printed", "version", "is_juju_2"),
    [
        ('"2.6.10-bionic-amd64"', "2.6.10", True),
        ('"2.9.51-ubuntu-amd64"', "2.9.51", True),
        ('"3.6.11-genericlinux-amd64"', "3.6.11", False),
        ('"4.0-beta1-ubuntu-arm64"', "4.0-beta1", False),
        ('"4.0.15.1-ubuntu-s390x"', "4.0.15.1", False),
    ],
)
def test_version_of_the_program(
    tmp_path: Path, printed: str, version: str, is_juju_2: bool
) -> None:
    stub = JujuStub(tmp_path)
    stub.answer("version", printed)
    program = program_of(stub)
    assert (program.client_version, program.is_juju_2) == (version, is_juju_2)


@pytest.mark.parametrize("printed", ["", "juju the game", '{"a": 1}', "[]", '"x.y"'])
def test_program_that_is_not_juju_is_one_error(tmp_path: Path, printed: str) -> None:
    stub = JujuStub(tmp_path)
    stub.answer("version", printed)
    with pytest.raises(ClientMissingError) as caught:
        program_of(stub)
    assert str(caught.value) == (
        f"{stub.program} is not a juju client: `juju version --format json` prints {printed!r};"
        " check which program PATH finds first"
    )


def test_program_that_cannot_be_started_is_one_error(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    stub.program.write_text("not a program")
    with pytest.raises(ClientMissingError, match=r"cannot start the program: Exec format error"):
        program_of(stub)


def test_model_is_named_after_the_command(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    program = program_of(stub, "lab:admin/bot")
    program.call("status", "--utc")
    assert stub.last_call == ["status", "--model", "lab:admin/bot", "--utc"]
    program.call("show-controller", has_model=False)
    assert stub.last_call == ["show-controller"]


def test_method_of_jubilant_uses_the_runner(tmp_path: Path) -> None:
    stub = JujuStub(tmp_path)
    stub.answer("model-config", json.dumps({"http-proxy": {"Value": "x"}}))
    assert program_of(stub, "m").model_config() == {"http-proxy": "x"}
    assert stub.last_call == ["model-config", "--model", "m", "--format", "json"]


def test_calls_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Jubilant logs all arguments."""
    caplog.set_level(logging.DEBUG)
    program_of(JujuStub(tmp_path)).call("config", "a", "token=secret")
    assert caplog.records == []
