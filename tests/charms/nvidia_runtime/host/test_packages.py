"""Packages, holds and the record of both, with a scripted apt."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from nvidia_runtime.host.packages import KEYRING, RECORD, SOURCE, Apt

EMPTY = {"installed": [], "unfinished": [], "held": [], "others": []}


@pytest.fixture
def apt(machine: FakeMachine, packages: FakeApt) -> Apt:
    """Return a machine's packages."""
    packages.installed.update({"one": "1.0", "two": "2.0"})
    return Apt(machine)


def record(machine: FakeMachine, **changes: Any) -> None:
    """Check the record: nothing but these changes."""
    assert machine.read(RECORD) == json.dumps({**EMPTY, **changes}, sort_keys=True) + "\n"
    assert stat.S_IMODE(Path(machine.path(RECORD)).stat().st_mode) == 0o600


def test_missing_packages_are_those_in_another_version_too(machine: FakeMachine, apt: Apt) -> None:
    requested = [("one", ""), ("one", "1.0"), ("two", "2.1"), ("three", "")]
    assert apt.missing(iter(requested)) == [("two", "2.1"), ("three", "")]

    machine.commands.clear()
    assert apt.missing([]) == []
    assert machine.commands == []
    assert apt.installed(["t*", "none"]) == {"two": "2.0"}


def test_source_and_key_are_written_once(machine: FakeMachine, apt: Apt) -> None:
    assert apt.add_source("deb a /\ndeb b /", b"\x99key")
    assert machine.read(SOURCE) == "# by the charm nvidia-runtime\ndeb a /\ndeb b /\n"
    ring = Path(machine.path(KEYRING))
    assert ring.read_bytes() == b"\x99key"
    assert stat.S_IMODE(ring.stat().st_mode) == 0o644
    assert list(ring.parent.iterdir()) == [ring]

    assert not apt.add_source("deb a /\ndeb b /", b"\x99key")
    assert apt.add_source("deb a /\ndeb b /", b"\x99new")
    assert apt.add_source("deb a /", b"\x99new")


@pytest.mark.parametrize(
    ("line", "mode"), [("deb https://u:hunter2@m/deb /", 0o600), ("deb https://m/deb /", 0o644)]
)
def test_source_with_credentials_of_an_earlier_revision_becomes_private(
    machine: FakeMachine, apt: Apt, line: str, mode: int
) -> None:
    """The option now refuses credentials, so the file would stay as it is."""
    apt.protect_source()
    apt.add_source(line, b"\x99key")
    apt.protect_source()

    assert stat.S_IMODE(Path(machine.path(SOURCE)).stat().st_mode) == mode


def test_installation_is_recorded_and_keeps_holds(
    machine: FakeMachine, packages: FakeApt, apt: Apt
) -> None:
    """Only what was not installed before is recorded; the charm's holds are lifted meanwhile."""
    apt.hold(["one", "two"])
    machine.commands.clear()
    apt.install([("one", "1.1"), ("three", "")])

    record(machine, installed=["three"], held=["one", "two"])
    changes = [command for command in machine.commands if command[0] != "dpkg-query"]
    first, installation, last = changes
    assert (first, last) == (["apt-mark", "unhold", "one"], ["apt-mark", "hold", "one"])
    assert installation[-2:] == ["one=1.1", "three"]
    assert packages.installed == {"one": "1.1", "two": "2.0", "three": "1"}

    apt.install([("four", "")])
    record(machine, installed=["four", "three"], held=["one", "two"])
    assert machine.commands[-1][-1] == "four"


def test_holds_are_recorded_apart_from_those_of_the_administrator(
    machine: FakeMachine, packages: FakeApt, apt: Apt
) -> None:
    packages.held = {"two", "other"}
    assert apt.hold(["two", "one"])
    record(machine, held=["one"], others=["two"])
    assert machine.commands == [["apt-mark", "showhold"], ["apt-mark", "hold", "one"]]
    assert not apt.hold(["one", "two"])
    assert machine.ran("apt-mark hold") == ["apt-mark hold one"]

    assert apt.hold(["three", "one"])
    record(machine, held=["one", "three"], others=["two"])
    assert machine.commands[-1] == ["apt-mark", "hold", "three"]

    assert apt.release()
    assert machine.commands[-1] == ["apt-mark", "unhold", "one", "three"]
    record(machine)
    assert not apt.release()


def test_hold_that_is_only_recorded_is_set(
    machine: FakeMachine, packages: FakeApt, apt: Apt
) -> None:
    """The hook was killed between the record and apt, or somebody released the package."""
    apt.hold(["one"])
    packages.held.clear()

    assert apt.hold(["one"])
    assert packages.held == {"one"}
    record(machine, held=["one"])


def test_packages_that_the_administrator_holds_are_left_alone(
    machine: FakeMachine, packages: FakeApt, apt: Apt
) -> None:
    packages.held = {"one"}

    assert not apt.hold(["one"])
    record(machine, others=["one"])
    assert machine.commands == [["apt-mark", "showhold"]]


def test_restoration_removes_source_key_holds_and_record(machine: FakeMachine, apt: Apt) -> None:
    """The packages stay."""
    apt.add_source("deb a /", b"key")
    apt.hold(["one"])
    record(machine, held=["one"])
    machine.commands.clear()
    apt.restore()

    assert machine.commands == [["apt-mark", "unhold", "one"]]
    for path in (SOURCE, KEYRING, RECORD):
        assert not machine.exists(path)
    assert apt.record() == EMPTY


@pytest.mark.parametrize(
    ("installed", "is_resumed"), [(["three"], True), ([], False), (["three", "four"], False)]
)
def test_interrupted_installation_is_finished(
    machine: FakeMachine, packages: FakeApt, apt: Apt, installed: list[str], is_resumed: bool
) -> None:
    """A dpkg that was killed refuses to work until it has configured what it unpacked.

    Packages of which none arrived are not installed: the options may ask for others by now.
    """

    def die(_: list[str]) -> str:
        raise KeyboardInterrupt

    install = machine.answers["apt-get install"]
    machine.answers["apt-get install"] = die
    with pytest.raises(KeyboardInterrupt):
        apt.install([("three", ""), ("four", "4.0")])
    record(machine, installed=["four", "three"], unfinished=["three", "four=4.0"])
    machine.answers["apt-get install"] = install
    packages.installed.update(dict.fromkeys(installed, "4.0"))
    machine.commands.clear()
    apt.resume()

    assert machine.commands[0] == ["dpkg", "--configure", "-a"]
    commands = machine.ran("apt-get install")
    assert [command.split()[-1] for command in commands] == (["four=4.0"] if is_resumed else [])
    record(machine, installed=["four", "three"])
    machine.commands.clear()
    apt.resume()
    assert machine.commands == []
