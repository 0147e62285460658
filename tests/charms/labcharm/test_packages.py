"""The commands of dpkg and apt."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from labcharm import packages
from labcharm.machine import CommandError, CommandResult


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return an empty machine."""
    return FakeMachine(tmp_path)


def test_only_installed_packages_have_a_version(machine: FakeMachine) -> None:
    machine.answers["dpkg-query"] = (
        "a installed 1.0-1\nb config-files 2\nc installed 1:3\nd not-installed \n"
    )

    assert packages.installed(machine, ["a", "b*"]) == {"a": "1.0-1", "c": "1:3"}
    row = "${Package} ${db:Status-Status} ${Version}\n"
    assert machine.commands == [["dpkg-query", "-W", "-f", row, "a", "b*"]]


def test_apt_waits_for_its_lock_and_asks_nothing(machine: FakeMachine) -> None:
    packages.update(machine)
    packages.install(machine, ["a", "b=2"])

    lock = ["-o", "DPkg::Lock::Timeout=120"]
    assert machine.commands == [
        ["apt-get", "update", *lock],
        ["apt-get", "install", "--yes", "--no-install-recommends", "--allow-downgrades",
         "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", *lock,
         "a", "b=2"],
    ]  # fmt: skip


def test_failure_of_apt_is_an_error(machine: FakeMachine) -> None:
    machine.answers["apt-get"] = CommandResult(100, "", "E: no network\n")

    for action in (lambda: packages.update(machine), lambda: packages.install(machine, ["a"])):
        with pytest.raises(CommandError, match=r"ended with 100: E: no network$"):
            action()
