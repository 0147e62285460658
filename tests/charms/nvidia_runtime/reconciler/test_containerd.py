"""containerd's config.toml on a machine."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from reconciler.config_toml import FILE, edit
from reconciler.containerd import ORIGINAL_FILE, reconcile, restore
from reconciler.docker import Outcome
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, (), is_default=True)
LAB = "version = 2\n[debug]\n  level = 'info'\n"


@pytest.fixture(autouse=True)
def _runtime(machine: FakeMachine) -> None:
    machine.write(RUNTIME, "")


def test_new_file_states_its_version_and_is_removed_again(machine: FakeMachine) -> None:
    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], True)
    assert machine.read(FILE) == edit("version = 2\n", SETTINGS).text
    assert machine.read(ORIGINAL_FILE) == '{"made": true}\n'
    assert stat.S_IMODE(Path(machine.path(ORIGINAL_FILE)).stat().st_mode) == 0o600
    assert reconcile(machine, SETTINGS, {}) == Outcome(False, [], True)

    assert restore(machine)
    assert not machine.exists(FILE)
    assert not machine.exists(ORIGINAL_FILE)
    assert not restore(machine)


def test_file_of_the_lab_keeps_its_lines(machine: FakeMachine) -> None:
    machine.write(FILE, LAB)
    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], True)
    assert not machine.exists(ORIGINAL_FILE)

    assert restore(machine)
    assert machine.read(FILE) == LAB
    assert not restore(machine)


def test_file_that_the_lab_changed_is_not_removed(machine: FakeMachine) -> None:
    """The charm created it, but it holds more now."""
    reconcile(machine, SETTINGS, {})
    machine.write(FILE, (machine.read(FILE) or "") + "[debug]\n")

    assert restore(machine)
    assert machine.read(FILE) == "version = 2\n[debug]\n"


def test_missing_runtime_is_not_the_default(machine: FakeMachine) -> None:
    """Containers without a GPU still start then."""
    machine.remove(RUNTIME)

    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], False)
    assert "default_runtime_name" not in (machine.read(FILE) or "")


@pytest.mark.parametrize("text", [None, LAB])
def test_arguments_of_the_runtime_are_refused(machine: FakeMachine, text: str | None) -> None:
    if text is not None:
        machine.write(FILE, text)
    problem = "runtime-args works with docker only; clear it"
    outcome = reconcile(machine, SETTINGS._replace(args=("--debug",)), {})

    assert outcome == Outcome(False, [problem], False)
    assert machine.read(FILE) == text
    assert not machine.exists(ORIGINAL_FILE)
