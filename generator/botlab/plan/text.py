"""A plan as ``juju deploy`` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.model import Application, Bundle
from ..catalogue.model import Charm
from ..juju import Juju
from .change import Change, ChangeSet

_STORES = {"ch": "charm-hub", "cs": "charm-store"}


def located(bundle: Bundle, juju: Juju) -> list[str]:
    """Return the lines that Juju prints on standard error before the changes."""
    lines: list[str] = []
    for name in sorted(bundle.applications):
        application = bundle.applications[name]
        if application is not None and not is_local_path(application.charm):
            line = _located(application, juju)
            if line and line not in lines:
                lines.append(line)
    return lines


def _located(application: Application, juju: Juju) -> str:
    if juju < Juju.V2_9:
        return f"Resolving charm: {application.charm}"
    try:
        url = parse_charm_url(application.charm, juju)
    except CharmUrlError:
        return ""
    store = _STORES.get(url.schema)
    if store is None:
        return ""
    revision = url.revision if application.revision is None else application.revision
    if application.channel:
        return f'Located charm "{url.name}" in {store}, channel {application.channel}'
    if revision >= 0:
        return f'Located charm "{url.name}" in {store}, revision {revision}'
    return f'Located charm "{url.name}" in {store}'


def dry_run(changes: ChangeSet) -> list[str]:
    """Return what ``--dry-run`` prints on standard output."""
    if not changes.changes:
        return ["No changes to apply."]
    return ["Changes to deploy bundle:", *_lines(changes.sorted())]


def executed(changes: ChangeSet, bundle: Bundle, charms: Mapping[str, Charm]) -> list[str]:
    """Return what a real run prints: with the resources that each deploy adds."""
    if not changes.changes:
        return ["No changes to apply."]
    lines = ["Executing changes:"]
    for change in changes.sorted():
        lines += _lines([change])
        if change.method == "deploy":
            lines += [f"  added resource {name}" for name in _resources(change, bundle, charms)]
    return [*lines, "Deploy of bundle completed."]


def _resources(change: Change, bundle: Bundle, charms: Mapping[str, Charm]) -> list[str]:
    """List the resources of a deployed application: the charm's, and those that are given."""
    name = str(change.args[2])
    application = bundle.applications.get(name)
    given = application.resources if application else {}
    facts = charms.get(name)
    return sorted({*given, *(facts.resources if facts else ())})


def _lines(changes: list[Change]) -> list[str]:
    return [f"- {line}" for change in changes for line in change.description]


def as_json(changes: ChangeSet) -> dict[str, Any]:
    """Return the stable JSON form of a plan."""
    return {
        "changes": [
            {
                "id": change.id,
                "method": change.method,
                "requires": changes.required_by(change),
                "args": change.args,
                "description": change.description,
            }
            for change in changes.sorted()
        ]
    }
