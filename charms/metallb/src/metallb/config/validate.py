"""A configuration of MetalLB judged as the release's own parser would, before it is applied.

MetalLB logs a bad configuration and keeps the old one, which nobody sees. What each release says
of a text is kept in this charm's tests, recorded from the releases' own parsers; `verdicts` says
the same, and all of it instead of the first.
"""

import re
from typing import Any, Dict, List, NamedTuple, Tuple

from metallb.config.addresses import AddressError, Network, networks, parse_ip, quoted
from metallb.config.decode import Number
from metallb.config.durations import DurationError, parse_duration

Pool = NamedTuple(
    "Pool",
    [
        ("name", str),
        ("protocol", str),
        ("networks", Tuple[Network, ...]),
        ("avoids_buggy", bool),
    ],
)
_LAYER2, _BGP = "layer2", "bgp"


def judge(data: Dict[str, Any], number: Number) -> List[str]:
    """Return what is wrong with a configuration, in MetalLB's words; its own verdict first.

    Args:
        data: What the grammar made of the text.
        number: The release's number.
    """
    problems = _native(data, number) if number >= (0, 12, 0) else []
    problems += _peers(data.get("peers") or [], number)
    communities = data.get("bgp-communities") or {}
    problems += _communities(communities, number)
    return problems + _pools(data.get("address-pools") or [], communities, number)


def pools(data: Dict[str, Any], number: Number) -> List[Pool]:
    """Return the pools of a configuration that was judged; what cannot be read is left out."""
    found = []
    for pool in data.get("address-pools") or []:
        held: List[Network] = []
        for entry in pool.get("addresses") or []:
            try:
                held += _networks(entry, number)
            except AddressError:
                continue
        buggy = bool(pool.get("avoid-buggy-ips"))
        found.append(Pool(pool.get("name", ""), pool.get("protocol", ""), tuple(held), buggy))
    return found


def unserved(data: Dict[str, Any], number: Number) -> List[str]:
    """Return what a release takes and cannot serve: our rules, not MetalLB's."""
    told = []
    for pool in data.get("address-pools") or []:
        for entry in pool.get("addresses") or []:
            try:
                empty = not _networks(entry, number)
            except AddressError:
                continue
            if empty:
                told.append(
                    "pool %s: range %s ends before it starts or mixes families; MetalLB would"
                    " take it and serve nothing (this charm's rule): write the lower address"
                    " first" % (quoted(pool.get("name", "")), quoted(entry))
                )
    return told


def _networks(entry: str, number: Number) -> List[Network]:
    ordered = ">" if number >= (0, 12, 0) else ">=" if number >= (0, 11, 0) else ""
    return networks(entry, trims=number >= (0, 9, 2), ordered=ordered)


def _native(data: Dict[str, Any], number: Number) -> List[str]:
    """What the native BGP mode of 0.12 and later does not do."""
    told = []
    for peer in data.get("peers") or []:
        address = peer.get("peer-address", "")
        told += [
            "peer %s has %s set on native bgp mode" % (address, key)
            for key in ("bfd-profile", "keepalive-time")
            if peer.get(key)
        ]
    if data.get("bfd-profiles"):
        told.append("bfd profiles section set")
    for pool in data.get("address-pools") or []:
        if pool.get("protocol") == _BGP:
            told += _sixes(pool, number)
    return told


def _sixes(pool: Dict[str, Any], number: Number) -> List[str]:
    name = quoted(pool.get("name", ""))
    for entry in pool.get("addresses") or []:
        try:
            found = _networks(entry, number)
        except AddressError as error:
            return ["invalid CIDR %s in pool %s: %s" % (quoted(entry), name, error)]
        for network in found:
            if network.version == 6:
                told = "pool %s has ipv6 CIDR %s, native bgp mode does not support ipv6"
                return [told % (name, network)]
    return []


def _peers(found: List[Dict[str, Any]], number: Number) -> List[str]:
    told = []
    for index, peer in enumerate(found):
        problem = _peer(peer, number)
        if problem:
            told.append("parsing peer #%d: %s" % (index + 1, problem))
        elif number >= (0, 10, 0) and peer in found[:index]:
            told.append("peer #%d already exists" % (index + 1))
    return told


def _peer(peer: Dict[str, Any], number: Number) -> str:
    if not peer.get("my-asn"):
        return "missing local ASN"
    if not peer.get("peer-asn"):
        return "missing peer ASN"
    if peer["my-asn"] == peer["peer-asn"] and peer.get("ebgp-multihop"):
        return "invalid ebgp-multihop parameter set for an ibgp peer"
    if parse_ip(peer.get("peer-address", "")) is None:
        return "invalid peer IP %s" % quoted(peer.get("peer-address", ""))
    for problem in (_hold_time(peer.get("hold-time", "")), _selectors(peer)):
        if problem:
            return problem
    for key, what in (("router-id", "router ID"), ("source-address", "source IP")):
        if peer.get(key) and parse_ip(peer[key]) is None:
            return "invalid %s %s" % (what, quoted(peer[key]))
    return ""


def _hold_time(text: str) -> str:
    if not text:
        return ""
    try:
        seconds = int(parse_duration(text))
    except DurationError as error:
        return "invalid hold time %s: %s" % (quoted(text), error)
    if seconds != 0 and seconds < 3:
        return "invalid hold time %s: must be 0 or >=3s" % quoted(text)
    return ""


def _selectors(peer: Dict[str, Any]) -> str:
    for selector in peer.get("node-selectors") or []:
        for wish in (selector or {}).get("match-expressions") or []:
            operator, values = wish.get("operator", ""), wish.get("values") or []
            if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
                return "parsing node selector: %s is not a valid label selector operator" % quoted(
                    operator
                )
            if bool(values) != (operator in ("In", "NotIn")):
                return "parsing node selector: %s of %s takes %s values" % (
                    operator, quoted(wish.get("key", "")), "no" if values else "one or more",
                )  # fmt: skip
    return ""


def _communities(found: Dict[str, str], number: Number) -> List[str]:
    told = []
    for name, value in found.items():
        problem = _community(value, number)
        if problem:
            told.append("parsing community %s: %s" % (quoted(name), problem))
    return told


def _community(text: str, number: Number) -> str:
    parts = text.split(":")
    if len(parts) != 2:
        return "invalid community string %s" % quoted(text)
    for index, (part, which) in enumerate(zip(parts, ("first", "second"))):
        problem = _half(part)
        if problem:
            # Up to 0.11 the message of the second section quotes the first.
            shown = parts[0] if number < (0, 12, 0) else parts[index]
            return "invalid %s section of community %s: %s" % (which, quoted(shown), problem)
    return ""


def _half(part: str) -> str:
    if not re.match(r"^[0-9]+$", part):
        return "strconv.ParseUint: parsing %s: invalid syntax" % quoted(part)
    if int(part) >= 2**16:
        return "strconv.ParseUint: parsing %s: value out of range" % quoted(part)
    return ""


def _pools(found: List[Dict[str, Any]], communities: Dict[str, str], number: Number) -> List[str]:
    told: List[str] = []
    names: List[str] = []
    taken: List[Network] = []
    for index, pool in enumerate(found):
        name = pool.get("name", "")
        problem = _pool(pool, communities, number)
        if problem:
            told.append("parsing address pool #%d: %s" % (index + 1, problem))
            continue
        if name in names:
            told.append("duplicate definition of pool %s" % quoted(name))
        names.append(name)
        for entry in pool["addresses"]:
            for network in _networks(entry, number):
                told += _overlap(network, name, taken)
                taken.append(network)
    return told


def _overlap(network: Network, name: str, taken: List[Network]) -> List[str]:
    for other in taken:
        if other.version == network.version and other.overlaps(network):
            told = "CIDR %s in pool %s overlaps with already defined CIDR %s"
            return [told % (quoted(str(network)), quoted(name), quoted(str(other)))]
    return []


def _pool(pool: Dict[str, Any], communities: Dict[str, str], number: Number) -> str:
    name, entries = pool.get("name", ""), pool.get("addresses") or []
    if not name:
        return "missing pool name"
    if not entries:
        return "pool has no prefixes defined"
    held = []
    for entry in entries:
        try:
            held.append((entry, _networks(entry, number)))
        except AddressError as error:
            told = "invalid CIDR %s in pool %s" % (quoted(entry), quoted(name))
            return told + (": %s" % error if number >= (0, 9, 0) else "")
    protocol, offers = pool.get("protocol", ""), pool.get("bgp-advertisements") or []
    if protocol == _LAYER2:
        told = "cannot have bgp-advertisements configuration element in a layer2 address pool"
        return told if offers else ""
    if protocol == _BGP:
        problem = _advertisements(offers, held, communities, number)
        return "parsing BGP communities: %s" % problem if problem else ""
    if not protocol:
        return "address pool is missing the protocol field"
    return "unknown protocol %s" % quoted(protocol)


Held = List[Tuple[str, List[Network]]]


def _advertisements(
    offers: List[Dict[str, Any]], held: Held, communities: Dict[str, str], number: Number
) -> str:
    later = number >= (0, 12, 0)
    for index, offer in enumerate(offers):
        if later and offer in offers[:index]:
            told = "duplicate definition of bgpadvertisements. advertisement %d and %d are equal"
            return told % (offers.index(offer) + 1, index + 1)
    for offer in offers:
        names = offer.get("communities") or []
        twice = [name for index, name in enumerate(names) if name in names[:index]]
        if later and twice:
            return "duplicate definition of community %s" % quoted(twice[0])
        problem = _lengths(offer, held, number)
        for name in [] if problem else names:
            if name not in communities and _community(name, number):
                told = "invalid community %s in BGP advertisement: %s"
                return told % (quoted(name), _community(name, number))
        if problem:
            return problem
    return ""


def _lengths(offer: Dict[str, Any], held: Held, number: Number) -> str:
    length = offer.get("aggregation-length", 32)
    longest = offer.get("aggregation-length-v6", 128)
    later = number >= (0, 12, 0)
    if length > 32:
        return "invalid aggregation length %s%s" % (_rune(length), " for IPv4" if later else "")
    if longest > 128:
        return "invalid aggregation length %s for IPv6" % _rune(longest)
    told = "invalid aggregation length %d: prefix %s in this pool is more specific than the"
    for entry, found in held:
        if later:
            lowest = min((network.prefixlen for network in found), default=0)
            most = longest if found and found[0].version == 6 else length
            if most < lowest:
                told += " aggregation length for addresses %s"
                return told % (length, _rune(lowest), entry)
            continue
        for network in found:
            if length < network.prefixlen:
                return (told + " aggregation length") % (length, quoted(str(network)))
    return ""


def _rune(number: int) -> str:
    """Write a number as Go's %q does: as the character of that code."""
    named = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
    if number in named:
        return "'%s'" % named[number]
    if 0 <= number < 32 or number == 127:
        return "'\\x%02x'" % number
    return "'%s'" % {39: "\\'", 92: "\\\\"}.get(number, chr(number) if number >= 0 else "\ufffd")
