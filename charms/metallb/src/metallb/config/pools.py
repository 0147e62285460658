"""The address pools of a configuration: their networks, and their problems.

The messages of `pool_problems` are MetalLB's; those of `unserved_ranges` are this charm's.
"""

from typing import List, NamedTuple, Tuple

from labcharm.json_types import JsonObject
from metallb.config import bgp
from metallb.config.addresses import Entry, Network, parse_entry
from metallb.config.decode import Configuration
from metallb.config.errors import RefusedError
from metallb.config.go_format import quoted
from metallb.releases import Number

LAYER2 = "layer2"


class Pool(NamedTuple):
    """A pool of addresses.

    Attributes:
        name: Its name.
        protocol: layer2 or bgp; empty where it is not known.
        networks: Its networks.
        avoids_buggy: Whether .0 and .255 are not handed out.
        auto_assigns: Whether a service that asks for no pool may get an address of it.
    """

    name: str
    protocol: str
    networks: Tuple[Network, ...]
    avoids_buggy: bool
    auto_assigns: bool = True


def read_pools(configuration: Configuration, number: Number) -> List[Pool]:
    """Return the pools of a configuration; entries that cannot be read are left out.

    Args:
        configuration: The configuration; its problems were reported before.
        number: The number of MetalLB's release.
    """
    return [
        Pool(
            pool.get("name", ""),
            pool.get("protocol", ""),
            tuple(
                network for entry in _readable_entries(pool, number) for network in entry.networks
            ),
            bool(pool.get("avoid-buggy-ips")),
            bool(pool.get("auto-assign", True)),
        )
        for pool in configuration.get("address-pools") or []
    ]


def _readable_entries(pool: JsonObject, number: Number) -> List[Entry]:
    entries = []
    for text in pool.get("addresses") or []:
        try:
            entries.append(Entry(text, parse_entry(text, number)))
        except RefusedError:
            continue
    return entries


def unserved_ranges(configuration: Configuration, number: Number) -> List[str]:
    """Return the ranges that a release accepts and cannot serve. MetalLB reports no problem."""
    return [
        f"pool {pool.get('name', '')}: {entry.text} {_range_problem(entry.text)}"
        for pool in configuration.get("address-pools") or []
        for entry in _readable_entries(pool, number)
        if not entry.networks
    ]


def _range_problem(text: str) -> str:
    if "." in text and ":" in text:
        return "mixes IPv4 and IPv6; write an entry for each"
    return "ends before it starts; write the lower address first"


def pool_problems(configuration: Configuration, number: Number) -> List[str]:
    """Return the problems of the section `address-pools`, overlaps of two pools included."""
    communities = configuration.get("bgp-communities") or {}
    problems: List[str] = []
    names: List[str] = []
    earlier: List[Network] = []
    for index, pool in enumerate(configuration.get("address-pools") or []):
        name = pool.get("name", "")
        problem = _pool_problem(pool, communities, number)
        if problem:
            problems.append(f"parsing address pool #{index + 1}: {problem}")
            continue
        if name in names:
            problems.append(f"duplicate definition of pool {quoted(name)}")
        names.append(name)
        for entry in pool["addresses"]:
            for network in parse_entry(entry, number):
                problems += _overlap_problems(network, name, earlier)
                earlier.append(network)
    return problems


def _overlap_problems(network: Network, name: str, earlier: List[Network]) -> List[str]:
    """Return the problem of a network that overlaps one that was defined before it."""
    for defined in earlier:
        if defined.version == network.version and defined.overlaps(network):
            return [
                f"CIDR {quoted(str(network))} in pool {quoted(name)} overlaps with already defined"
                f" CIDR {quoted(str(defined))}"
            ]
    return []


def _pool_problem(pool: JsonObject, communities: bgp.Communities, number: Number) -> str:
    name, texts = pool.get("name", ""), pool.get("addresses") or []
    if not name:
        return "missing pool name"
    if not texts:
        return "pool has no prefixes defined"
    entries = []
    for text in texts:
        try:
            entries.append(Entry(text, parse_entry(text, number)))
        except RefusedError as error:
            reason = f": {error}" if number >= (0, 9, 0) else ""
            return f"invalid CIDR {quoted(text)} in pool {quoted(name)}{reason}"
    return _protocol_problem(pool, entries, communities, number)


def _protocol_problem(
    pool: JsonObject, entries: List[Entry], communities: bgp.Communities, number: Number
) -> str:
    protocol, advertisements = pool.get("protocol", ""), pool.get("bgp-advertisements") or []
    if protocol == LAYER2:
        if advertisements:
            return "cannot have bgp-advertisements configuration element in a layer2 address pool"
        return ""
    if protocol == bgp.PROTOCOL:
        problem = bgp.advertisements_problem(advertisements, entries, communities, number)
        return f"parsing BGP communities: {problem}" if problem else ""
    if not protocol:
        return "address pool is missing the protocol field"
    return f"unknown protocol {quoted(protocol)}"
