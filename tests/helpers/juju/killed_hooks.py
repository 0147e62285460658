"""A unit whose charm is killed in the middle of a hook or an action."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from helpers.juju.unit import Unit

# Juju sends these only when a hook or an action ends well.
_SENT_AT_THE_END = ("relations", "secrets", "secret-labels")


def kill_charm(unit: Unit) -> None:
    """Kill the processes of a unit's charm, which run in the charm's directory."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            directory = os.readlink(process / "cwd")
        except OSError:
            continue
        if directory == os.path.realpath(unit.charm):
            os.kill(int(process.name), signal.SIGKILL)


def run_until_killed(unit: Unit, name: str, **params: Any) -> bool:
    """Run a hook or an action; what a killed one has not sent to Juju is lost.

    Args:
        unit: The unit.
        name: The hook, or "action NAME".
        params: The parameters of the action.

    Returns:
        Whether the charm was killed.
    """
    before = {part: unit.get(part) for part in _SENT_AT_THE_END}
    kind, _, action = name.rpartition(" ")
    code = unit.action(action, **params)["code"] if kind else unit.run(name)[0]
    if code == 0:
        return False
    assert code in (-signal.SIGKILL, 128 + signal.SIGKILL), (name, code, unit.log())
    for part, content in before.items():
        if content is not None:
            unit.put(part, content)
    return True
