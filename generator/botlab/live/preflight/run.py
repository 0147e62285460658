"""All checks before a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...inventory.dumps import MaasInventory
from ...plan import parse_machine_map
from ...rules.lab.facts import Facts
from ..errors import UnsupportedError
from ..lab import Lab
from ..live_model import LiveModel
from ..status.model import ModelStatus
from .addresses import check_addresses
from .capacity import check_capacity, sizes_in_maas, sizes_in_model
from .check import Check, PreflightReport, skipped
from .files import check_files
from .machines import MachineChecks
from .mapped_machines import check_mapped_machines
from .model import check_model, check_ssh_keys
from .releases import check_releases


@dataclass(frozen=True, slots=True)
class PreflightOptions:
    """What the administrator says about the deployment.

    Attributes:
        maas: What MAAS knows; None if nothing is known.
        map_machines: The value of ``--map-machines``; empty for none.
    """

    maas: MaasInventory | None = None
    map_machines: str = ""


def preflight(model: LiveModel, lab: Lab, options: PreflightOptions) -> PreflightReport:
    """Check everything that the deployment of a lab needs, and change nothing.

    Args:
        model: The model to deploy to.
        lab: The lab.
        options: What the administrator says about the deployment.

    Raises:
        LiveError: When the controller cannot be used.
        BotlabError: When ``map_machines`` is not valid.
    """
    return PreflightReport(list(_checks(model, lab, options)))


def _checks(model: LiveModel, lab: Lab, options: PreflightOptions) -> Iterator[Check]:
    status = model.status()
    facts = lab.facts
    yield from check_releases(lab.juju, model.client_version, model.version, status.controller)
    yield from check_model(status, lab.bundle, options.map_machines)
    yield from _ssh_key_checks(model, status)
    yield from check_files(lab.bundle, lab.charms)
    if options.map_machines:
        yield skipped("MAAS", "not checked, because --map-machines uses machines of the model")
        yield from check_mapped_machines(
            lab.bundle, status, parse_machine_map(options.map_machines)
        )
    elif options.maas is None:
        yield skipped(
            "MAAS",
            "not checked",
            "add --maas with the name of a profile of the maas command, or with a file that has"
            " the output of `maas PROFILE machines read`",
        )
    else:
        yield from _maas_checks(facts, options.maas, status)
        return
    machine_map = parse_machine_map(options.map_machines).entries
    yield from check_capacity(facts, sizes_in_model(status, machine_map))


def _maas_checks(facts: Facts, maas: MaasInventory, status: ModelStatus) -> Iterator[Check]:
    machines = MachineChecks(facts.bundle, maas, status)
    yield from machines.checks()
    yield from check_addresses(facts, maas)
    hosts = {machine.name: machine for machine in maas.machines}
    yield from check_capacity(facts, sizes_in_maas(machines.assigned, hosts))


def _ssh_key_checks(model: LiveModel, status: ModelStatus) -> Iterator[Check]:
    try:
        yield from check_ssh_keys(model.juju, status, model.ssh_keys())
    except UnsupportedError as error:
        yield skipped("ssh keys", str(error))
