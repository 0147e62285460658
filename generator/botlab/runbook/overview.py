"""The sections that describe the lab: machines, applications and addresses."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..bundle.model import Application
from ..rules.lab.facts import Unit
from ..site.machines import Machine
from ..site.nfs import Nfs
from ..urls import redact
from .lab import RunbookLab, unit_name


def machines(lab: RunbookLab) -> Iterator[str]:
    """Yield a table of the machines with their addresses and units."""
    yield (
        "The numbers of machines and units are those of a deployment into an empty model. They"
        " change when a machine is replaced. This command shows the current ones:"
    )
    yield md.shell(lab.botlab("status"))
    titles = ("machine", "number", "addresses", "tags", "zone", "details", "units")
    yield md.table(titles, (_machine_row(lab, number) for number in lab.machines))


def _machine_row(lab: RunbookLab, number: str) -> list[str]:
    name, machine = lab.machines[number]
    return [
        md.code(name),
        number,
        md.codes(map(str, machine.addresses)) or "from MAAS",
        md.codes(machine.tags),
        md.plain(machine.zone),
        ", ".join(_details(machine)),
        ", ".join(map(_placed_unit, lab.units_on(number))),
    ]


def _details(machine: Machine) -> Iterator[str]:
    if machine.gpu:
        yield "GPUs"
    if machine.architecture != "amd64":
        yield machine.architecture
    if machine.constraints:
        yield md.code(machine.constraints)


def _placed_unit(unit: Unit) -> str:
    place = f" (in {unit.placement.container})" if unit.placement.container else ""
    return f"{md.code(unit_name(unit))}{place}"


def applications(lab: RunbookLab) -> Iterator[str]:
    """Yield a table of the applications with the source of their charms."""
    rows = (
        [md.code(name), *_source(application), _unit_text(lab, name)]
        for name, application in lab.applications.items()
    )
    yield md.table(("application", "charm", "channel or revision", "units"), rows)
    profile = lab.facts.profile
    described = {*lab.own, *lab.control_planes, *lab.workers, *(profile.charms if profile else ())}
    others = [name for name in lab.applications if name not in described]
    if others:
        yield (
            f"The site adds {md.codes(others)} to the profile. For their backups and upgrades, see"
            " the documentation of the charms."
        )


def _source(application: Application) -> tuple[str, str]:
    revision = "" if application.revision is None else f"revision {application.revision}"
    parts = (md.code(application.channel), revision)
    return md.code(redact(application.charm)), ", ".join(part for part in parts if part)


def _unit_text(lab: RunbookLab, name: str) -> str:
    if not lab.facts.is_subordinate(name):
        return str(lab.applications[name].num_units)
    principals = lab.facts.principals[name]
    return f"one beside each unit of {md.codes(principals)}" if principals else "none"


def addresses(lab: RunbookLab) -> Iterator[str]:
    """Yield a table of the networks and addresses."""
    yield md.table(("use", "addresses"), _address_rows(lab))


def _address_rows(lab: RunbookLab) -> Iterator[list[str]]:
    networks = lab.site.networks
    for name, network in networks.of_machines.items():
        yield [f"network {md.code(name)} of the machines", md.code(str(network.cidr))]
        if network.gateway:
            yield [f"gateway of {md.code(name)}", md.code(str(network.gateway))]
        if network.dhcp:
            yield [f"DHCP ranges of {md.code(name)}", md.codes(map(str, network.dhcp))]
    yield ["pods of the cluster", md.codes(map(str, networks.of_pods))]
    yield ["services of the cluster", md.codes(map(str, networks.of_services))]
    yield from _service_rows(lab)


def _service_rows(lab: RunbookLab) -> Iterator[list[str]]:
    site = lab.site
    kubernetes = site.kubernetes
    if kubernetes.api_addresses:
        yield ["API server", md.codes(map(str, kubernetes.api_addresses))]
    if kubernetes.keepalived:
        moved = (str(kubernetes.keepalived.address), kubernetes.keepalived.hostname)
        yield ["virtual address of the API server", md.codes(filter(None, moved))]
    for name, pool in site.metallb.pools.items() if site.metallb else ():
        yield [f"address pool {md.code(name)}", md.codes(map(str, pool.addresses))]
    for key, nfs in site.nfs_sections.items():
        yield [f"shared storage {md.code('.'.join(key))}", _export(nfs)]
    if site.kubeflow and site.kubeflow.hostname:
        yield ["Kubeflow's dashboard", md.code(f"https://{site.kubeflow.hostname}")]


def _export(nfs: Nfs) -> str:
    if nfs.server:
        return f"directory {md.code(nfs.path)} of the machine {md.code(nfs.server)}"
    return f"{md.code(nfs.external)}, on a server that Juju does not manage"
