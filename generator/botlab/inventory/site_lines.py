"""Write a proposal as the machines and networks of a starter site file."""

from __future__ import annotations

import dataclasses
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ..address_spans import Span
from ..shell import command_line, file_operand
from ..site.starter import StarterValues
from ..visible_text import visible
from ..yaml_text import yaml_compact, yaml_lines
from .lan import ProposedLan
from .machine_groups import MachineGroup, group_machines
from .networks import MaasSubnet
from .proposal import Proposal, ProposedMachine
from .site_networks import ProposedNetwork, SiteNetworks

_WIDTH = 96
_COMMAND = re.compile(r"`[^`]*`|(?<=: )(maas|sh) .*")
# A character that visible text does not have stands for a space inside of a command.
_NO_BREAK = "\0"
# With more machines than this, each machine has one line, machines of a kind stand together, and
# machines that differ only by a number are a group.
_MOST_LONG_ENTRIES = 12
_NO_SUBNET = (
    "MAAS shows no subnet of the machines. Write your network and addresses for services here, and"
    " remove the # in front of the keys."
)
_PROPOSED_POOL = "The address pool is a proposal. Check that nothing else uses its addresses."
_UNKNOWN_RANGES = (
    f"{_PROPOSED_POOL} The DHCP ranges of MAAS are not known: run botlab init again, and add the"
    " output of `maas PROFILE ipranges read` with --maas FILE."
)


def starter_values(proposal: Proposal, tag_script: str = "") -> StarterValues:
    """Return the values of a starter file for a proposal.

    Args:
        proposal: The proposal.
        tag_script: The file with the script that creates the missing tags; empty for none.
    """
    single, groups = list(proposal.machines), list[MachineGroup]()
    if len(single) > _MOST_LONG_ENTRIES:
        single, groups = group_machines(single)
    machines = _joined(_machine_lines(proposal, single, tag_script))
    group_lines = _joined(_group_lines(groups, proposal.storage))
    lan = proposal.lan
    values = StarterValues(
        machines=machines,
        groups=group_lines,
        workers=_joined(_worker_lines(proposal)),
        applications=_joined(_application_lines(proposal)),
        server=proposal.storage,
    )
    if lan.subnet is None or lan.pool is None:
        return dataclasses.replace(values, todo=_NO_SUBNET, has_lan=False)
    values = _with_further_networks(values, proposal.networks)
    return dataclasses.replace(
        values,
        cidr=lan.subnet.cidr,
        gateway=lan.subnet.gateway if lan.subnet.gateway_is_inside else "",
        dhcp=tuple(map(_text, lan.dhcp)),
        pool=_text(lan.pool),
        todo=_todo(proposal),
        network_notes=tuple(_network_notes(lan)),
    )


def _with_further_networks(values: StarterValues, networks: SiteNetworks) -> StarterValues:
    further = {network.name: _network_entry(network) for network in networks.further}
    return dataclasses.replace(
        values,
        space=networks.space,
        networks=_joined(yaml_lines(further, "  ")) if further else "",
        cluster_networks=networks.cluster,
        clients=networks.clients,
    )


def _network_entry(network: ProposedNetwork) -> Mapping[str, object]:
    """Return the keys of a network that have values."""
    entries = {
        "cidr": network.subnet.cidr,
        "gateway": network.subnet.gateway if network.subnet.gateway_is_inside else "",
        "dhcp": list(map(_text, network.dhcp)),
        "space": network.space,
    }
    return {key: value for key, value in entries.items() if value}


def _worker_lines(proposal: Proposal) -> Iterator[str]:
    """Yield the worker applications besides that of the profile, one for an architecture."""
    for name in dict.fromkeys(machine.workers for machine in proposal.machines):
        if name:
            yield from yaml_lines({name: {"arch": name}}, "  ")


def _application_lines(proposal: Proposal) -> Iterator[str]:
    for name, placements in proposal.placements.items():
        yield from yaml_lines({name: {"to": list(placements)}}, "  ")


def _joined(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _todo(proposal: Proposal) -> str:
    if not proposal.has_ranges:
        return _UNKNOWN_RANGES
    return _PROPOSED_POOL if proposal.lan.must_reserve else ""


def _text(span: Span) -> str:
    return f"{span.first}-{span.last}"


def _network_notes(lan: ProposedLan) -> Iterator[str]:
    if lan.subnet and lan.subnet.describe():
        yield f"The network of the machines is {_described(lan.subnet)}."
    if lan.subnet and not lan.subnet.is_managed:
        yield "MAAS does not manage its addresses."
    for entry in lan.reserved:
        comment = f" ({visible(entry.comment)})" if entry.comment else ""
        yield f"MAAS has reserved {_text(entry.span)} in it{comment}."
    for subnet, count in lan.further:
        noun = "machine is" if count == 1 else "machines are"
        yield f"{count} {noun} also in {_described(subnet)}."


def _described(subnet: MaasSubnet) -> str:
    details = visible(subnet.describe())
    return f"{subnet.cidr} ({details})" if details else subnet.cidr


def _machine_lines(
    proposal: Proposal, machines: Sequence[ProposedMachine], tag_script: str
) -> Iterator[str]:
    """Yield the remarks and the machines that are in no group."""
    for note in proposal.notes:
        yield from _comment(f"Note: {visible(note)}", "  ")
    untagged = sum(not machine.has_tag for machine in proposal.machines)
    if untagged:
        yield from _comment(f"TODO: {_tag_advice(untagged, tag_script)}", "  ")
    if len(proposal.machines) > _MOST_LONG_ENTRIES:
        yield from _short_entries(machines, proposal.storage)
    else:
        for machine in machines:
            yield from _long_entry(machine)


def _tag_advice(untagged: int, tag_script: str) -> str:
    names = "1 machine has" if untagged == 1 else f"{untagged} machines have"
    if tag_script:
        run = visible(command_line("sh", file_operand(tag_script), "PROFILE"))
        advice = f"Before the deployment, run: {run}"
    else:
        advice = (
            "Run botlab init again with --tag-script FILE. It writes a script that creates the"
            " tags; run the script before the deployment."
        )
    return f"{names} no tag in MAAS that no other machine has. {advice}"


def _long_entry(machine: ProposedMachine) -> Iterator[str]:
    comment = f"  # MAAS id {visible(machine.system_id)}" if machine.system_id else ""
    name, *lines = yaml_lines({machine.name: _entries(machine)}, "  ")
    yield f"{name}{comment}"
    yield from lines


def _short_entries(machines: Sequence[ProposedMachine], storage: str) -> Iterator[str]:
    """Yield one line for each machine, below a comment for the machines of a kind."""
    kinds: dict[str, list[ProposedMachine]] = {}
    for machine in machines:
        kinds.setdefault(_kind(machine, storage), []).append(machine)
    for kind, members in kinds.items():
        yield f"  # {visible(kind)}: {len(members)}"
        for machine in members:
            line = yaml_compact({machine.name: _entries(machine)})
            yield f"  {line.removeprefix('{').removesuffix('}')}"


def _group_lines(groups: Sequence[MachineGroup], storage: str) -> Iterator[str]:
    """Yield the entry of each group, below a comment with its number of machines."""
    for group in groups:
        yield f"  # {visible(_kind(group.first, storage))}: {group.size}"
        own = {"tags": [group.tag], "addresses": list(group.addresses)}
        entries = {key: own.get(key, value) for key, value in _entries(group.first).items()}
        yield from yaml_lines({group.name: entries}, "  ")


def _kind(machine: ProposedMachine, storage: str) -> str:
    """Return what machines have in common, such as ``Zone rack-a, worker, with GPUs``."""
    parts = [
        f"Zone {machine.zone}" if machine.zone else "",
        *machine.roles,
        "storage" if machine.name == storage else "",
        "with GPUs" if machine.has_gpu else "",
    ]
    return ", ".join(part for part in parts if part) or "Machines without a role"


def _entries(machine: ProposedMachine) -> Mapping[str, object]:
    """Return the keys of a machine that have values."""
    entries = {
        "tags": [machine.tag],
        "arch": machine.arch,
        "constraints": machine.constraints,
        "zone": machine.zone,
        "roles": list(machine.roles),
        "workers": machine.workers,
        "gpu": machine.has_gpu,
        "addresses": list(machine.addresses),
    }
    return {key: value for key, value in entries.items() if value}


def _comment(text: str, indent: str) -> Iterator[str]:
    """Yield the lines of a comment. A command stays in one line, so that it can be copied."""
    joined = _COMMAND.sub(lambda match: match.group().replace(" ", _NO_BREAK), text)
    lines = textwrap.wrap(
        joined,
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from (line.replace(_NO_BREAK, " ") for line in lines)
