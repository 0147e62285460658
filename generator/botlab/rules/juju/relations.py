"""Juju's rules about relations, with and without the charms' facts at hand."""

from __future__ import annotations

from collections.abc import Mapping

from ...bundle.go_text import quote, quote_list
from ...bundle.relation import RelationEnd, parse_relation_end
from ...catalogue.model import JUJU_INFO, Charm, Endpoint
from ...findings import KeyPath
from .report import Report

Pair = tuple[RelationEnd, RelationEnd]


def check_relations(report: Report, charms: Mapping[str, Charm] | None) -> None:
    """Check every relation; endpoints are inferred and compared only with facts at hand."""
    seen: set[Pair] = set()
    for index, texts in enumerate(report.bundle.relations):
        at: KeyPath = ("relations", index)
        shown = quote_list(texts)
        if len(texts) != 2:
            text = f"relation {shown} has {len(texts)} endpoint(s), not 2"
            report.add("J060", at, text)
            continue
        ends = _read_ends(report, texts, shown, at)
        if ends is None:
            continue
        if ends[0].application == ends[1].application:
            text = f"relation {shown} relates an application to itself"
            report.add("J063", at, text)
        if charms is not None and not (ends[0].relation and ends[1].relation):
            ends = _infer(report, ends, charms, at)
        ordered: Pair = (ends[1], ends[0]) if ends[1] < ends[0] else ends
        if ordered in seen:
            report.add("J064", at, f"relation {shown} is defined more than once")
        seen.add(ordered)
        if charms is not None and ordered[0].relation and ordered[1].relation:
            _check_pair(report, ordered, charms, at)


def _read_ends(report: Report, texts: list[str], shown: str, at: KeyPath) -> Pair | None:
    ends: list[RelationEnd] = []
    bundle = report.bundle
    for place, text in enumerate(texts):
        end = parse_relation_end(text)
        if end is None:
            report.add("J061", (*at, place), f"invalid relation syntax {quote(text)}")
            continue
        known, offered = end.application in bundle.applications, end.application in bundle.saas
        name = quote(end.application)
        if not known and not offered:
            said = f"relation {shown} refers to application {name} not defined in this bundle"
            report.add("J062", (*at, place), said)
        if known and offered:
            said = f"ambiguous relation {name} refers to a application and a SAAS in this bundle"
            report.add("J042", (*at, place), said)
        ends.append(end)
    return (ends[0], ends[1]) if len(ends) == 2 else None


def _infer(report: Report, ends: Pair, charms: Mapping[str, Charm], at: KeyPath) -> Pair:
    problem, found = infer_endpoints(report, ends, charms)
    if found is not None:
        return found
    report.add("J065", at, f"cannot infer endpoint between {ends[0]} and {ends[1]}: {problem}")
    return ends


def infer_endpoints(
    report: Report, ends: Pair, charms: Mapping[str, Charm]
) -> tuple[str, Pair | None]:
    """Find the only way to relate two applications.

    Returns:
        Juju's words when there is none or more than one, and the pair when there is one.
    """
    choices: list[list[Endpoint]] = []
    for end in ends:
        application = report.bundle.applications.get(end.application)
        if application is None:
            return f"application {quote(end.application)} not found", None
        charm = charms.get(end.application)
        if charm is None:
            name = quote(application.charm)
            return f"charm {name} from application {quote(end.application)} not found", None
        choices.append(_possible(charm, end.relation))
    pairs = [
        (
            RelationEnd(ends[0].application, left.name),
            RelationEnd(ends[1].application, right.name),
            left,
            right,
        )
        for left in choices[0]
        for right in choices[1]
        if ends[0].application != ends[1].application and _can_relate(left, right)
    ]
    if not pairs:
        return "no relations found", None
    explicit = [pair for pair in pairs if JUJU_INFO.name not in (pair[2].name, pair[3].name)]
    for candidates in (pairs, explicit):
        if len(candidates) == 1:
            return "", candidates[0][:2]
    keys = sorted(quote(" ".join(sorted((str(pair[0]), str(pair[1]))))) for pair in pairs)
    return f"ambiguous relation: {ends[0]} {ends[1]} could refer to {'; '.join(keys)}", None


def _possible(charm: Charm, relation: str) -> list[Endpoint]:
    """List the endpoints that an end may mean; every charm provides juju-info implicitly."""
    endpoints = [*charm.endpoints.values()]
    if JUJU_INFO.name not in charm.endpoints:
        endpoints.append(JUJU_INFO)
    return [endpoint for endpoint in endpoints if relation in ("", endpoint.name)]


def _can_relate(left: Endpoint, right: Endpoint) -> bool:
    roles = {left.role, right.role}
    return roles == {"provides", "requires"} and left.interface == right.interface


def _check_pair(report: Report, ends: Pair, charms: Mapping[str, Charm], at: KeyPath) -> None:
    bundle = report.bundle
    if ends[0].application == ends[1].application:
        return
    found: list[Endpoint | None] = []
    for end in ends:
        application, charm = bundle.applications.get(end.application), charms.get(end.application)
        if application is None or charm is None:
            return
        endpoint = charm.endpoints.get(end.relation)
        if endpoint is None and end.relation == JUJU_INFO.name:
            endpoint = JUJU_INFO
        if endpoint is not None and endpoint.role == "peers":
            endpoint = None
        found.append(endpoint)
    for end, endpoint in zip(ends, found, strict=True):
        if endpoint is None:
            application = bundle.applications[end.application]
            charm_text = quote(application.charm if application else "")
            said = f"charm {charm_text} used by application {quote(end.application)}"
            report.add("J066", at, f"{said} does not define relation {quote(end.relation)}")
    if found[0] is not None and found[1] is not None:
        _check_roles(report, ends, (found[0], found[1]), at)


def _check_roles(
    report: Report, ends: Pair, found: tuple[Endpoint, Endpoint], at: KeyPath
) -> None:
    left, right = found
    if left.role == right.role:
        kind = "provider to provider" if left.role == "provides" else "requirer to requirer"
        text = f"relation {quote(str(ends[0]))} to {quote(str(ends[1]))} relates {kind}"
        report.add("J067", at, text)
        return
    provider, requirer = (0, 1) if left.role == "provides" else (1, 0)
    if left.interface != right.interface:
        between = f"{quote(str(ends[provider]))} and {quote(str(ends[requirer]))}"
        kinds = f"{quote(found[provider].interface)} vs {quote(found[requirer].interface)}"
        report.add("J068", at, f"mismatched interface between {between} ({kinds})")
