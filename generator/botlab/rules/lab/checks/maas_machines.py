"""Rules about the machines of a site, compared with those of MAAS (``validate --maas``)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ....bundle.constraints import architecture_in
from ....findings import KeyPath, Severity, listed
from ....maas_tags import tag_commands
from ....shell import command_line
from ..facts import Facts
from ..rule import Violation, rule

if TYPE_CHECKING:
    # Few runs know MAAS, and the others do not import its packages.
    from ....inventory.machines import MaasMachine
    from ..maas_match import MaasMatch, MaasMatches

_MOST_HOSTS = 3
# With as many machines without their tags, the script of `botlab init` is less work.
_FEWEST_FOR_SCRIPT = 3
_ONE_TAG = "give each machine of the site a tag that only one machine of MAAS has"


@rule("BL130", Severity.ERROR)
def missing_tag(facts: Facts) -> Iterator[Violation]:
    """Yield the tags that no machine of MAAS has, alone or together."""
    maas = facts.maas
    if maas is None:
        return
    unknown = {match.name: _unknown_tags(maas, match) for match in maas.matches}
    needs_script = sum(map(bool, unknown.values())) >= _FEWEST_FOR_SCRIPT
    script = _script(facts, maas) if needs_script else ""
    for match in maas.matches:
        for tag in unknown[match.name]:
            yield Violation(
                _path(match, "tags"),
                f"no machine of MAAS has the tag {tag}",
                script or _commands(maas, match, tag),
                in_site=True,
            )
        if match.machine.tags and not unknown[match.name] and not match.tagged:
            yield Violation(
                _path(match, "tags"),
                f"no machine of MAAS fits the tags {', '.join(match.machine.tags)} together",
                _ONE_TAG,
                in_site=True,
            )


def _unknown_tags(maas: MaasMatches, match: MaasMatch) -> list[str]:
    """Return the tags of a machine that no machine of MAAS has."""
    tags = [tag for tag in match.machine.tags if not tag.startswith("^")]
    return [tag for tag in tags if not maas.has_tag(tag)]


def _script(facts: Facts, maas: MaasMatches) -> str:
    """Return how to give all machines their tags at once."""
    site = facts.site.site if facts.site else "NAME"
    options = ("--maas", "FILE", "--tag-script", "tags.sh", "-o", "-")
    init = command_line("botlab", "init", site, *options)
    run = command_line("sh", "tags.sh", maas.inventory.profile)
    return (
        f"run the script that `botlab init --tag-script` wrote with this site: {run}; without it,"
        f" `{init}` writes one with a tag for each machine"
    )


def _commands(maas: MaasMatches, match: MaasMatch, tag: str) -> str:
    """Return the commands that give a tag to the machine of the same name, if there is one."""
    ids = [host.system_id for host in maas.inventory.machines if host.name == match.name]
    return tag_commands(tag, maas.inventory.profile, ids[0] if ids else "")


@rule("BL131", Severity.ERROR)
def no_machine_remains(facts: Facts) -> Iterator[Violation]:
    """Yield the machines of the site whose machines of MAAS all others of the site need."""
    maas = facts.maas
    for match in maas.matches if maas else ():
        if maas and match.tagged and match.name not in maas.assigned:
            hosts = listed([host.name for host in match.tagged], _MOST_HOSTS)
            yield Violation(
                _path(match, "tags"),
                f"other machines of the site select {hosts}, too, and MAAS has no further machine"
                f" for {match.name}",
                _ONE_TAG,
                in_site=True,
            )


@rule("BL132", Severity.WARNING)
def several_machines(facts: Facts) -> Iterator[Violation]:
    """Yield the machines of the site whose tags select several machines of MAAS."""
    for match in facts.maas.matches if facts.maas else ():
        if match.machine.tags and len(match.tagged) > 1:
            hosts = listed([host.name for host in match.tagged], _MOST_HOSTS)
            yield Violation(
                _path(match, "tags"),
                f"the tags of {match.name} select {hosts}, and MAAS takes any of them",
                _ONE_TAG,
                in_site=True,
            )


@rule("BL133", Severity.ERROR)
def another_zone(facts: Facts) -> Iterator[Violation]:
    """Yield the zones in which MAAS has no machine with the machine's tags."""
    for match in facts.maas.matches if facts.maas else ():
        zone = match.machine.zone
        if not zone or any(host.zone in ("", zone) for host in match.tagged):
            continue
        zones = sorted({host.zone for host in match.tagged})
        if zones:
            names = listed([host.name for host in match.tagged], _MOST_HOSTS)
            yield Violation(
                _path(match, "zone"),
                f"{names} {'is' if len(match.tagged) == 1 else 'are'} in the zone"
                f" {listed(zones)}, and not in {zone}",
                f"write zone: {zones[0]}",
                in_site=True,
            )


@rule("BL134", Severity.ERROR)
def unusable_machine(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that MAAS cannot deploy."""
    for match in facts.maas.matches if facts.maas else ():
        if match.is_unusable:
            yield from _state(facts, match)


@rule("BL135", Severity.WARNING)
def machine_in_use(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that MAAS has given to a user, or that it is working on."""
    for match in facts.maas.matches if facts.maas else ():
        if match.is_in_use:
            yield from _state(facts, match)


def _state(facts: Facts, match: MaasMatch) -> Iterator[Violation]:
    host = match.only
    if facts.maas and host:
        model = f" by the Juju model {host.model}" if host.model else ""
        yield Violation(
            _path(match, "tags"),
            f"{host.name} is {host.status} in MAAS{model}",
            facts.maas.remedy(host),
            in_site=True,
        )


@rule("BL136", Severity.ERROR)
def unmet_constraint(facts: Facts) -> Iterator[Violation]:
    """Yield the architectures and sizes that the machine in MAAS does not have."""
    for match in facts.maas.matches if facts.maas else ():
        yield from _other_architecture(match)
        host = match.only
        for constraint in match.unmet(host) if host else ():
            name = constraint.partition("=")[0]
            if host and name not in ("zones", "arch"):
                yield Violation(
                    _path(match, "constraints"),
                    f"{host.name} has {_size(name, host)}, and the site asks for {constraint}",
                    "write what the machine has in constraints, or tag another machine",
                    in_site=True,
                )


def _other_architecture(match: MaasMatch) -> Iterator[Violation]:
    """Yield the architecture of a machine, also the default, if no machine of MAAS has it."""
    asked = match.machine.architecture
    existing = sorted({host.architecture for host in match.tagged})
    if not match.machine.tags or not existing or {"", asked} & {*existing}:
        return
    names = listed([host.name for host in match.tagged], _MOST_HOSTS)
    is_constraint = not match.machine.arch and architecture_in(match.machine.constraints)
    yield Violation(
        _path(match, "constraints" if is_constraint else "arch"),
        f"{names} {'has' if len(match.tagged) == 1 else 'have'} the architecture"
        f" {listed(existing)}, and the site asks for {asked}",
        _architecture_fix(existing, "arch=" if is_constraint else "arch: "),
        in_site=True,
    )


def _architecture_fix(existing: Sequence[str], key: str) -> str:
    """Return what to do about machines of another architecture.

    Args:
        existing: Their architectures.
        key: The key of the site file, as it stands in front of its value.
    """
    from ....inventory.selection import ARCHITECTURES  # imported here, as few runs know MAAS

    usable = [arch for arch in ARCHITECTURES if arch in existing]
    return f"write {key}{usable[0]}, or tag another machine" if usable else "tag another machine"


def _size(name: str, host: MaasMachine) -> str:
    return f"{host.memory} MiB of memory" if name == "mem" else f"{host.cores} cores"


@rule("BL137", Severity.WARNING)
def another_address(facts: Facts) -> Iterator[Violation]:
    """Yield the addresses of the site that another machine has, or that the machine cannot get."""
    maas = facts.maas
    owners = _owners(maas) if maas else {}
    for match in maas.matches if maas else ():
        for index, address in enumerate(match.machine.addresses):
            message = _address_fault(str(address), match, owners)
            if message:
                yield Violation(
                    ("machines", match.name, "addresses", index),
                    message,
                    "write the addresses that MAAS gives to the machine, or remove the key",
                    in_site=True,
                )


def _owners(maas: MaasMatches) -> dict[str, str]:
    return {
        address: machine.name
        for machine in maas.inventory.machines
        for address in machine.addresses
    }


def _address_fault(address: str, match: MaasMatch, owners: dict[str, str]) -> str:
    host = match.only
    owner = owners.get(address)
    if host is None or owner == host.name:
        return ""
    if owner is not None:
        return f"MAAS gave {address} to {owner}, and the tags of {match.name} select {host.name}"
    if host.addresses:
        return f"{host.name} has the address {listed(host.addresses)} in MAAS, and not {address}"
    networks = [subnet.network for subnet in host.subnets]
    if networks and not any(ipaddress.ip_address(address) in network for network in networks):
        subnets = listed([subnet.cidr for subnet in host.subnets])
        return f"{host.name} is in {subnets} in MAAS, which {address} does not belong to"
    return ""


def _path(match: MaasMatch, key: str) -> KeyPath:
    return ("machines", match.name, key)
