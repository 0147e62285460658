"""The BGP parts of a configuration: communities, advertisements, and the limits of native mode.

Native is the BGP mode of the releases that this charm installs. The messages are MetalLB's.
"""

import re
from typing import Dict, List

from labcharm.json_types import JsonObject
from metallb.config.addresses import Entry, parse_entry
from metallb.config.decode import Configuration
from metallb.config.errors import RefusedError
from metallb.config.go_format import quoted, quoted_rune
from metallb.releases import Number

Communities = Dict[str, str]
PROTOCOL = "bgp"


def native_mode_problems(configuration: Configuration, number: Number) -> List[str]:
    """Return the settings that the native BGP mode of 0.12 and later does not support."""
    problems = [
        f"peer {peer.get('peer-address', '')} has {key} set on native bgp mode"
        for peer in configuration.get("peers") or []
        for key in ("bfd-profile", "keepalive-time")
        if peer.get(key)
    ]
    if configuration.get("bfd-profiles"):
        problems.append("bfd profiles section set")
    for pool in configuration.get("address-pools") or []:
        if pool.get("protocol") == PROTOCOL:
            problems += _ipv6_problems(pool, number)
    return problems


def _ipv6_problems(pool: JsonObject, number: Number) -> List[str]:
    name = quoted(pool.get("name", ""))
    for entry in pool.get("addresses") or []:
        try:
            networks = parse_entry(entry, number)
        except RefusedError as error:
            return [f"invalid CIDR {quoted(entry)} in pool {name}: {error}"]
        for network in networks:
            if network.version == 6:
                return [
                    f"pool {name} has ipv6 CIDR {network}, native bgp mode does not support ipv6"
                ]
    return []


def community_problems(communities: Communities, number: Number) -> List[str]:
    """Return the problems of the section `bgp-communities`."""
    problems = []
    for name, community in communities.items():
        problem = _community_problem(community, number)
        if problem:
            problems.append(f"parsing community {quoted(name)}: {problem}")
    return problems


def _community_problem(community: str, number: Number) -> str:
    sections = community.split(":")
    if len(sections) != 2:
        return f"invalid community string {quoted(community)}"
    for section, ordinal in zip(sections, ("first", "second")):
        problem = _section_problem(section)
        if problem:
            # Up to 0.11 the message about the second section quotes the first.
            shown = sections[0] if number < (0, 12, 0) else section
            return f"invalid {ordinal} section of community {quoted(shown)}: {problem}"
    return ""


def _section_problem(section: str) -> str:
    if not re.match(r"^[0-9]+$", section):
        return f"strconv.ParseUint: parsing {quoted(section)}: invalid syntax"
    if int(section) >= 2**16:
        return f"strconv.ParseUint: parsing {quoted(section)}: value out of range"
    return ""


def advertisements_problem(
    advertisements: List[JsonObject],
    entries: List[Entry],
    communities: Communities,
    number: Number,
) -> str:
    """Return the first problem of a pool's `bgp-advertisements`; empty when there is none.

    Args:
        advertisements: The advertisements.
        entries: The entries of the pool.
        communities: The section `bgp-communities`.
        number: The number of MetalLB's release.
    """
    if number >= (0, 12, 0):
        problem = _duplicate_problem(advertisements)
        if problem:
            return problem
    for advertisement in advertisements:
        problem = _advertisement_problem(advertisement, entries, communities, number)
        if problem:
            return problem
    return ""


def _duplicate_problem(advertisements: List[JsonObject]) -> str:
    for index, advertisement in enumerate(advertisements):
        if advertisement in advertisements[:index]:
            first = advertisements.index(advertisement) + 1
            return (
                "duplicate definition of bgpadvertisements. advertisement"
                f" {first} and {index + 1} are equal"
            )
    return ""


def _advertisement_problem(
    advertisement: JsonObject, entries: List[Entry], communities: Communities, number: Number
) -> str:
    names = advertisement.get("communities") or []
    duplicates = [name for index, name in enumerate(names) if name in names[:index]]
    if number >= (0, 12, 0) and duplicates:
        return f"duplicate definition of community {quoted(duplicates[0])}"
    problem = _length_problem(advertisement, entries, number)
    if problem:
        return problem
    for name in names:
        problem = "" if name in communities else _community_problem(name, number)
        if problem:
            return f"invalid community {quoted(name)} in BGP advertisement: {problem}"
    return ""


def _length_problem(advertisement: JsonObject, entries: List[Entry], number: Number) -> str:
    length = advertisement.get("aggregation-length", 32)
    length_v6 = advertisement.get("aggregation-length-v6", 128)
    names_family = number >= (0, 12, 0)
    if length > 32:
        family = " for IPv4" if names_family else ""
        return f"invalid aggregation length {quoted_rune(length)}{family}"
    if length_v6 > 128:
        return f"invalid aggregation length {quoted_rune(length_v6)} for IPv6"
    for entry in entries:
        problem = (
            _entry_length_problem(entry, length, length_v6)
            if names_family
            else _network_length_problem(entry, length)
        )
        if problem:
            return problem
    return ""


def _entry_length_problem(entry: Entry, length: int, length_v6: int) -> str:
    """Return the problem that 0.12 and later report: about an entry's largest network."""
    shortest = min((network.prefixlen for network in entry.networks), default=0)
    is_v6 = bool(entry.networks) and entry.networks[0].version == 6
    if (length_v6 if is_v6 else length) >= shortest:
        return ""
    return (
        f"invalid aggregation length {length}: prefix {quoted_rune(shortest)} in this pool is more"
        f" specific than the aggregation length for addresses {entry.text}"
    )


def _network_length_problem(entry: Entry, length: int) -> str:
    """Return the problem that releases before 0.12 report: about a single network."""
    for network in entry.networks:
        if length < network.prefixlen:
            return (
                f"invalid aggregation length {length}: prefix {quoted(str(network))} in this pool"
                " is more specific than the aggregation length"
            )
    return ""
