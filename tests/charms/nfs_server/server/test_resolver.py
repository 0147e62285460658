"""Addresses of host names."""

from __future__ import annotations

from pathlib import Path

import pytest

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
