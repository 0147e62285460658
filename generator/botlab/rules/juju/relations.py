"""Juju's rules about relations, without looking at the charms."""

from __future__ import annotations

from ...bundle.go_text import quote, quote_list
from ...bundle.relation import RelationEnd, parse_relation_end
from ...findings import KeyPath
from .report import Report

Ends = tuple[RelationEnd, RelationEnd]


def check_relations(report: Report) -> None:
    """Check all relations."""
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
            _check_ends(report, ends, relations, shown, path)


def _check_ends(
    report: Report, ends: Ends, relations: set[Ends], shown: str, path: KeyPath
) -> None:
    """Check a relation, and add it to the relations that were checked before."""
    if ends[0].application == ends[1].application:
        report.add("J063", path, f"relation {shown} relates an application to itself")
    ordered: Ends = (ends[1], ends[0]) if ends[1] < ends[0] else ends
    if ordered in relations:
        report.add("J064", path, f"relation {shown} is defined more than once")
    relations.add(ordered)


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
            fix = report.similar_application(end.application)
            report.add("J062", (*path, index), message, fix=fix)
        if is_application and is_saas:
            message = (
                f"ambiguous relation {name} refers to a application and a SAAS in this bundle"
            )
            report.add("J042", (*path, index), message)
        ends.append(end)
    return (ends[0], ends[1]) if len(ends) == 2 else None
