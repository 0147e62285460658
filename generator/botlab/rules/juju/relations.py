"""Juju's rules about relations, with and without the facts of the charms."""

from __future__ import annotations

from collections.abc import Mapping

from ...bundle.go_text import quote, quote_list
from ...bundle.relation import RelationEnd, parse_relation_end
from ...catalogue.model import JUJU_INFO, Charm, Endpoint
from ...findings import KeyPath
from .report import Report

Charms = Mapping[str, Charm]
Ends = tuple[RelationEnd, RelationEnd]


def check_relations(report: Report, charms: Charms | None) -> None:
    """Check all relations.

    Args:
        report: Takes the findings.
        charms: The facts of the charms, by application name. Without them, endpoints are neither
            inferred nor compared.
    """
    relations: set[Ends] = set()
    for index, texts in enumerate(report.bundle.relations):
        path: KeyPath = ("relations", index)
        shown = quote_list(texts)
        if len(texts) != 2:
            message = f"relation {shown} has {len(texts)} endpoint(s), not 2"
            report.add("J060", path, message)
            continue
        ends = _parse_ends(report, texts, shown, path)
        if ends is not None:
            _check_ends(report, ends, relations, shown, path, charms)


def _check_ends(
    report: Report,
    ends: Ends,
    relations: set[Ends],
    shown: str,
    path: KeyPath,
    charms: Charms | None,
) -> None:
    """Check a relation, and add it to the relations that were checked before."""
    if ends[0].application == ends[1].application:
        report.add("J063", path, f"relation {shown} relates an application to itself")
    if charms is not None and not (ends[0].relation and ends[1].relation):
        ends = _infer(report, ends, charms, path)
    ordered: Ends = (ends[1], ends[0]) if ends[1] < ends[0] else ends
    if ordered in relations:
        report.add("J064", path, f"relation {shown} is defined more than once")
    relations.add(ordered)
    if charms is not None and ordered[0].relation and ordered[1].relation:
        _check_endpoints(report, ordered, charms, path)


def _parse_ends(report: Report, texts: list[str], shown: str, path: KeyPath) -> Ends | None:
    ends: list[RelationEnd] = []
    for index, text in enumerate(texts):
        end = parse_relation_end(text)
        if end is None:
            report.add("J061", (*path, index), f"invalid relation syntax {quote(text)}")
            continue
        is_application = end.application in report.bundle.applications
        is_saas = end.application in report.bundle.saas
        name = quote(end.application)
        if not is_application and not is_saas:
            message = f"relation {shown} refers to application {name} not defined in this bundle"
            report.add("J062", (*path, index), message)
        if is_application and is_saas:
            message = (
                f"ambiguous relation {name} refers to a application and a SAAS in this bundle"
            )
            report.add("J042", (*path, index), message)
        ends.append(end)
    return (ends[0], ends[1]) if len(ends) == 2 else None


def _infer(report: Report, ends: Ends, charms: Charms, path: KeyPath) -> Ends:
    problem, inferred = infer_endpoints(report, ends, charms)
    if inferred is not None:
        return inferred
    message = f"cannot infer endpoint between {ends[0]} and {ends[1]}: {problem}"
    report.add("J065", path, message)
    return ends


def infer_endpoints(report: Report, ends: Ends, charms: Charms) -> tuple[str, Ends | None]:
    """Find the only way to relate two applications.

    Returns:
        Juju's message if there is no way or more than one, and the ends if there is one.
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
        choices.append(_possible_endpoints(charm, end.relation))
    pairs = _related_pairs(ends, choices)
    if not pairs:
        return "no relations found", None
    explicit = [pair for pair in pairs if JUJU_INFO.name not in (end.relation for end in pair)]
    for candidates in (pairs, explicit):
        if len(candidates) == 1:
            return "", candidates[0]
    keys = sorted(quote(" ".join(sorted(str(end) for end in pair))) for pair in pairs)
    return f"ambiguous relation: {ends[0]} {ends[1]} could refer to {'; '.join(keys)}", None


def _related_pairs(ends: Ends, choices: list[list[Endpoint]]) -> list[Ends]:
    names = [end.application for end in ends]
    if names[0] == names[1]:
        return []
    return [
        (RelationEnd(names[0], first.name), RelationEnd(names[1], second.name))
        for first in choices[0]
        for second in choices[1]
        if _can_relate(first, second)
    ]


def _possible_endpoints(charm: Charm, relation: str) -> list[Endpoint]:
    """Return the endpoints that an end may mean. Every charm provides juju-info implicitly."""
    endpoints = [*charm.endpoints.values()]
    if JUJU_INFO.name not in charm.endpoints:
        endpoints.append(JUJU_INFO)
    return [endpoint for endpoint in endpoints if relation in ("", endpoint.name)]


def _can_relate(first: Endpoint, second: Endpoint) -> bool:
    roles = {first.role, second.role}
    return roles == {"provides", "requires"} and first.interface == second.interface


def _check_endpoints(report: Report, ends: Ends, charms: Charms, path: KeyPath) -> None:
    """Check that both charms have the endpoints of a relation, and that the endpoints match."""
    applications = [report.bundle.applications.get(end.application) for end in ends]
    facts = [charms.get(end.application) for end in ends]
    if ends[0].application == ends[1].application:
        return
    if not all(applications) or not all(facts):
        return
    endpoints = [
        _endpoint(charm, end.relation)
        for charm, end in zip(facts, ends, strict=True)
        if charm is not None
    ]
    for end, application, endpoint in zip(ends, applications, endpoints, strict=True):
        if endpoint is None:
            charm_text = quote(application.charm if application else "")
            message = f"charm {charm_text} used by application {quote(end.application)}"
            report.add("J066", path, f"{message} does not define relation {quote(end.relation)}")
    if endpoints[0] is not None and endpoints[1] is not None:
        _check_match(report, ends, (endpoints[0], endpoints[1]), path)


def _endpoint(charm: Charm, relation: str) -> Endpoint | None:
    endpoint = charm.endpoints.get(relation)
    if endpoint is None and relation == JUJU_INFO.name:
        return JUJU_INFO
    return None if endpoint is not None and endpoint.role == "peers" else endpoint


def _check_match(
    report: Report, ends: Ends, endpoints: tuple[Endpoint, Endpoint], path: KeyPath
) -> None:
    first, second = endpoints
    if first.role == second.role:
        kind = "provider to provider" if first.role == "provides" else "requirer to requirer"
        message = f"relation {quote(str(ends[0]))} to {quote(str(ends[1]))} relates {kind}"
        report.add("J067", path, message)
        return
    provider, requirer = (0, 1) if first.role == "provides" else (1, 0)
    if first.interface != second.interface:
        between = f"{quote(str(ends[provider]))} and {quote(str(ends[requirer]))}"
        kinds = f"{quote(endpoints[provider].interface)} vs {quote(endpoints[requirer].interface)}"
        report.add("J068", path, f"mismatched interface between {between} ({kinds})")
