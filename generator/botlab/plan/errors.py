"""The error of a bundle that Juju verifies but cannot plan."""

from __future__ import annotations

from ..errors import BotlabError


class PlanError(BotlabError):
    """A bundle that Juju verifies but cannot plan. The message is Juju's own."""
