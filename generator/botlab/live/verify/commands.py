"""Commands for people that run an action, as each release of Juju has them."""

from __future__ import annotations

from ...juju import Juju
from ..advice import model_command
from ..status.model import ModelStatus


def action_command(juju: Juju, status: ModelStatus, unit: str, action: str) -> str:
    """Return the command that runs an action and waits for its result."""
    if juju < Juju.V3_6:
        return model_command(status, "run-action", unit, action, options=("--wait",))
    return model_command(status, "run", unit, action)
