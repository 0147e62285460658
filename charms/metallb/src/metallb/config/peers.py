"""The BGP peers of a configuration, checked as MetalLB's parser does. The messages are its own."""

from typing import List

from labcharm.json_types import JsonObject
from metallb.config.addresses import parse_ip
from metallb.config.durations import parse_duration
from metallb.config.errors import RefusedError
from metallb.config.go_format import quoted
from metallb.releases import Number

_OPERATORS_WITH_VALUES = ("In", "NotIn")
_OPERATORS = (*_OPERATORS_WITH_VALUES, "Exists", "DoesNotExist")


def peer_problems(peers: List[JsonObject], number: Number) -> List[str]:
    """Return the problems of the section `peers`."""
    problems = []
    for index, peer in enumerate(peers):
        problem = _peer_problem(peer)
        if problem:
            problems.append(f"parsing peer #{index + 1}: {problem}")
        elif number >= (0, 10, 0) and peer in peers[:index]:
            problems.append(f"peer #{index + 1} already exists")
    return problems


def _peer_problem(peer: JsonObject) -> str:
    if not peer.get("my-asn"):
        return "missing local ASN"
    if not peer.get("peer-asn"):
        return "missing peer ASN"
    if peer["my-asn"] == peer["peer-asn"] and peer.get("ebgp-multihop"):
        return "invalid ebgp-multihop parameter set for an ibgp peer"
    address = peer.get("peer-address", "")
    if parse_ip(address) is None:
        return f"invalid peer IP {quoted(address)}"
    hold_time_problem = _hold_time_problem(peer.get("hold-time", ""))
    return hold_time_problem or _selector_problem(peer) or _address_problem(peer)


def _hold_time_problem(text: str) -> str:
    if not text:
        return ""
    try:
        seconds = int(parse_duration(text))
    except RefusedError as error:
        return f"invalid hold time {quoted(text)}: {error}"
    if seconds != 0 and seconds < 3:
        return f"invalid hold time {quoted(text)}: must be 0 or >=3s"
    return ""


def _selector_problem(peer: JsonObject) -> str:
    for selector in peer.get("node-selectors") or []:
        for expression in (selector or {}).get("match-expressions") or []:
            operator = expression.get("operator", "")
            has_values = bool(expression.get("values"))
            if operator not in _OPERATORS:
                return (
                    f"parsing node selector: {quoted(operator)} is not a valid label selector"
                    " operator"
                )
            if has_values != (operator in _OPERATORS_WITH_VALUES):
                key, amount = (
                    quoted(expression.get("key", "")),
                    "no" if has_values else "one or more",
                )
                return f"parsing node selector: {operator} of {key} takes {amount} values"
    return ""


def _address_problem(peer: JsonObject) -> str:
    for key, title in (("router-id", "router ID"), ("source-address", "source IP")):
        address = peer.get(key)
        if address and parse_ip(address) is None:
            return f"invalid {title} {quoted(address)}"
    return ""
