"""The runtime's settings, from the charm to the program that systemd runs."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from reconciler.settings import (
    SETTINGS_FILE,
    RuntimeSettings,
    find_program,
    parse_object,
    read_settings,
    write_settings,
)


@pytest.mark.parametrize(
    "settings",
    [
        RuntimeSettings("/usr/bin/nvidia-container-runtime", (), True),
        RuntimeSettings("nvidia-container-runtime", ("--debug", "x y"), False),
    ],
)
def test_settings_are_read_back_unchanged(machine: FakeMachine, settings: RuntimeSettings) -> None:
    assert write_settings(machine, settings) is True
    assert read_settings(machine) == settings
    assert write_settings(machine, settings) is False


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("{}", RuntimeSettings("", (), False)),
        ('{"path": "/x", "args": "y", "default": 1}', RuntimeSettings("/x", (), True)),
        ('{"path": "/x", "args": [1, "b"]}', RuntimeSettings("/x", ("1", "b"), False)),
        ("{", None),
        ("[]", None),
        ("", None),
    ],
)
def test_damaged_file_gives_what_can_be_read(
    machine: FakeMachine, text: str, settings: RuntimeSettings | None
) -> None:
    machine.write(SETTINGS_FILE, text)
    assert read_settings(machine) == settings


def test_missing_file_gives_nothing(machine: FakeMachine) -> None:
    assert read_settings(machine) is None
    assert parse_object(None) is None


def test_program_is_found_in_the_first_of_the_usual_directories(machine: FakeMachine) -> None:
    assert find_program(machine) == ""
    machine.write("/usr/bin/nvidia-container-runtime", "")
    assert find_program(machine) == "/usr/bin/nvidia-container-runtime"
    machine.write("/usr/local/nvidia/toolkit/nvidia-container-runtime", "")
    assert find_program(machine) == "/usr/local/nvidia/toolkit/nvidia-container-runtime"
    machine.write("/bin/kubectl", "")
    assert find_program(machine, "kubectl") == "/bin/kubectl"
    assert find_program(machine, "/bin/kubectl") == "/bin/kubectl"
    assert find_program(machine, "/bin/absent") == ""
