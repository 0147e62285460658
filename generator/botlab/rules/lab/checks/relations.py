"""Rules about relations."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity
from ..facts import WORKER, Facts
from ..rule import PLACEMENT_KEYS, Violation, rule


@rule("BL053", Severity.ERROR)
def subordinate_without_principal(facts: Facts) -> Iterator[Violation]:
    """Yield the subordinates that no container-scoped relation places on a machine."""
    placed: set[str] = set()
    for relation in facts.relations:
        for end in relation.ends:
            endpoint = facts.endpoint(end)
            if endpoint is None or endpoint.scope == "container":
                placed.add(end.application)
    for name in facts.applications:
        charm = facts.charms.get(name)
        if charm and charm.subordinate and name not in placed:
            yield Violation(
                ("applications", name),
                f"{name} is a subordinate, but is not related to a principal",
                "relate its container-scoped endpoint to the application whose machines it should"
                " run on",
            )


@rule("BL054", Severity.ERROR)
def container_scope_between_principals(facts: Facts) -> Iterator[Violation]:
    """Yield the container-scoped relations that do not have a subordinate at either end."""
    for relation in facts.relations:
        charms = [facts.charms.get(end.application) for end in relation.ends]
        endpoints = [facts.endpoint(end) for end in relation.ends]
        is_container = any(endpoint and endpoint.scope == "container" for endpoint in endpoints)
        if is_container and all(charm and not charm.subordinate for charm in charms):
            left, right = relation.left.application, relation.right.application
            yield Violation(
                ("relations", relation.position),
                f"{left} and {right} are principals, but their relation has container scope",
                "relate endpoints of global scope",
            )


@rule("BL056", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def worker_without_control_plane(facts: Facts) -> Iterator[Violation]:
    """Yield the workers whose required endpoints are not related."""
    ends = {end for relation in facts.relations for end in relation.ends}
    for name, _ in facts.applications_of(WORKER):
        for endpoint in ("kube-control", "certificates"):
            if (name, endpoint) not in ends and (name, "") not in ends:
                yield Violation(
                    ("applications", name),
                    f"{name}:{endpoint} is not related to anything, so {name} never joins the"
                    " cluster",
                    f"relate {name}:{endpoint}",
                )


@rule("BL062", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def unrelated_application(facts: Facts) -> Iterator[Violation]:
    """Yield the applications without any relation, in a bundle that has relations."""
    for name in facts.applications:
        if facts.bundle.relations and name not in facts.related_applications:
            yield Violation(
                ("applications", name),
                f"{name} has no relations",
                "relate the application, or remove it",
            )
