"""Proposals for the machines of a dump."""

from __future__ import annotations

from typing import Any

from botlab.inventory.dumps import Dump, inventory_of_dumps
from botlab.inventory.proposal import Proposal, ProposedMachine, propose
from botlab.inventory.roles import ProfileRoles
from botlab.inventory.selection import Filters

from .maas_releases import answer


def proposal_for(
    *machines: dict[str, Any],
    devices: list[dict[str, Any]] | None = None,
    roles: ProfileRoles = ProfileRoles(),  # noqa: B008 - it cannot be changed
    **filters: Any,
) -> Proposal:
    """Return the proposal for the machines of a dump."""
    dumps = [Dump(answer(list(machines)), "m.json")]
    if devices:
        dumps.append(Dump(answer(devices), "devices.json"))
    return propose(inventory_of_dumps(dumps, "m.json"), roles, Filters(**filters))


def by_name(proposal: Proposal) -> dict[str, ProposedMachine]:
    """Return the machines of a proposal by their names."""
    return {machine.name: machine for machine in proposal.machines}
