"""The versions of the driver's module and library."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_driver import ScriptedDriver
from nvidia_runtime.host.versions import Versions, read_versions


@pytest.mark.parametrize("is_open", [False, True])
def test_versions_and_flavour_are_read(machine: FakeMachine, is_open: bool) -> None:
    ScriptedDriver(machine, "580.126.20", is_open=is_open)

    assert read_versions(machine) == Versions("580.126.20", "580.126.20", is_open)


def test_newest_library_counts(machine: FakeMachine) -> None:
    """Versions are compared by their numbers: 535.54.03 is older than 535.183.01."""
    for version in ("535.54.03", "535.183.01"):
        machine.write(f"/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.{version}", "")

    assert read_versions(machine) == Versions("", "535.183.01")


def test_machine_without_a_driver_has_no_versions(machine: FakeMachine) -> None:
    versions = read_versions(machine)

    assert versions == Versions("", "")
    assert not versions.is_present
    assert versions.difference == ""
