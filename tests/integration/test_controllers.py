"""Where no controller answers, the reason is found quickly; scripts act as the client here."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from helpers.integration.controllers import NoControllerError, controller_version, generation
from helpers.integration.machines import add_machine_arguments

MODELS = """echo '{"models": [], "current-model": ""}'"""
SHOWN = """echo '{"lab": {"details": {"agent-version": "3.6.11"}}}'"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only directory of PATH beside the system's."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path


def write_client(path: Path, models: str, shown: str = SHOWN) -> None:
    """Write a client with what it does for `models` and for `show-controller`."""
    script = f'case "$1" in models) {models};; show-controller) {shown};; *) exit 9;; esac'
    client = path / "juju"
    client.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    client.chmod(0o755)


def test_version_of_a_controller_that_answers(path: Path) -> None:
    """The version is the agents', and its generation has two numbers."""
    write_client(path, MODELS)
    assert controller_version() == "3.6.11"
    assert generation("3.6.11") == "3.6"


def test_selected_controller_is_asked(path: Path) -> None:
    """A controller's name reaches both commands."""
    write_client(
        path,
        '[ "$*" = "models --controller other --format json" ] && ' + MODELS,
        '[ "$*" = "show-controller other --format json" ] && ' + SHOWN,
    )
    assert controller_version("other") == "3.6.11"


@pytest.mark.parametrize(
    ("models", "reason"),
    [
        (
            "echo 'ERROR No controllers registered.' >&2; exit 1",
            "ERROR No controllers registered.",
        ),
        ("exit 3", "juju models exits 3"),
        ("exec sleep 60", "no answer to juju models in 0.5 s"),
    ],
)
def test_reason_of_a_client_without_an_answer(path: Path, models: str, reason: str) -> None:
    """An error, an exit status and a silent controller are all reasons."""
    write_client(path, models)
    message = re.escape(f"needs a Juju controller: {reason}")
    with pytest.raises(NoControllerError, match=f"^{message}$"):
        controller_version(timeout=0.5)


def test_reason_without_a_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the client has no controller to test with."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoControllerError, match="there is no juju client on PATH"):
        controller_version()


def test_machines_come_from_the_cloud_or_from_named_hosts() -> None:
    """Hosts are used once, and too few hosts are an error."""
    assert add_machine_arguments(2, None) == [["--base", "ubuntu@24.04"]] * 2
    hosts = iter(["ubuntu@10.0.0.2", "ubuntu@10.0.0.3", "ubuntu@10.0.0.4"])
    assert add_machine_arguments(2, hosts) == [["ssh:ubuntu@10.0.0.2"], ["ssh:ubuntu@10.0.0.3"]]
    with pytest.raises(ValueError, match="BOTLAB_MACHINES names too few hosts: 1 more are needed"):
        add_machine_arguments(2, hosts)
