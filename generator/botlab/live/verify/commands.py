"""Commands for people that run an action, as each release of Juju has them."""

from __future__ import annotations

from ...juju import Juju
from ...shell import juju_command


def action_command(juju: Juju, unit: str, action: str) -> str:
    """Return the command that runs an action and waits for its result."""
    if juju < Juju.V3_6:
        return juju_command("run-action", unit, action, options=("--wait",))
    return juju_command("run", unit, action)
