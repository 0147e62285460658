"""Addresses of host names."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandResult, Machine
from nfs_server.server.resolver import resolve


def test_all_names_together_have_one_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DNS server that does not answer ends the search; link-local addresses do not count."""
    now = 100.0

    class SlowDns(Machine):
        """A machine whose DNS takes 25 s."""

        def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
            """Answer late, or not in time."""
            nonlocal now
            now += min(25.0, timeout)
            output = "10.0.0.7  STREAM x\n10.0.0.7  DGRAM\nfe80::1%eth0  STREAM\n"
            return (
                CommandResult(0, output, "")
                if timeout > 25.0
                else CommandResult(124, "", "no end")
            )

    monkeypatch.setattr("time.monotonic", lambda: now)
    addresses = resolve(SlowDns(str(tmp_path)), ["d", "c", "b", "a", "e"])

    assert addresses == {"a": ("10.0.0.7",), "b": ("10.0.0.7",)}
    assert now == 160.0


def test_names_are_looked_up_once_each_with_getent(tmp_path: Path) -> None:
    """In the order of the names. A name without a usable address is left out."""
    machine = FakeMachine(tmp_path)
    machine.answers = {
        "getent ahosts b.lab": "10.0.0.9 STREAM b\n\n10.0.0.10 DGRAM\n10.0.0.9 DGRAM\n",
        "getent ahosts a.lab": "fd00::7 STREAM a\n",
        "getent ahosts link.lab": "fe80::1%eth0 STREAM\n",
    }

    assert resolve(machine, ["link.lab", "b.lab", "a.lab", "b.lab", "absent.lab"]) == {
        "a.lab": ("fd00::7",),
        "b.lab": ("10.0.0.10", "10.0.0.9"),
    }
    assert machine.commands == [
        ["getent", "ahosts", name] for name in ("a.lab", "absent.lab", "b.lab", "link.lab")
    ]
