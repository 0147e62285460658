"""The output of ``juju deploy`` for a plan, and the plan as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.model import Application, Bundle
from ..catalogue.model import Charm
from ..juju import Juju
from .change_set import Change, ChangeSet
from .descriptions import STORES


def located(bundle: Bundle, juju: Juju) -> list[str]:
    """Return the lines about charms that Juju prints on standard error before the changes."""
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
    if url.schema == "local" or url.schema not in STORES:
        return ""
    start = f'Located charm "{url.name}" in {STORES[url.schema]}'
    revision = url.revision if application.revision is None else application.revision
    if application.channel:
        return f"{start}, channel {application.channel}"
    return f"{start}, revision {revision}" if revision >= 0 else start


def dry_run(changes: ChangeSet) -> list[str]:
    """Return the lines that ``--dry-run`` prints on standard output."""
    if not changes.changes:
        return ["No changes to apply."]
    return ["Changes to deploy bundle:", *_lines(changes.sorted())]


def executed(changes: ChangeSet, bundle: Bundle, charms: Mapping[str, Charm]) -> list[str]:
    """Return the lines that a real deploy prints, which include the resources."""
    if not changes.changes:
        return ["No changes to apply."]
    lines = ["Executing changes:"]
    for change in changes.sorted():
        lines += _lines([change])
        if change.method == "deploy":
            lines += [f"  added resource {name}" for name in _resources(change, bundle, charms)]
    return [*lines, "Deploy of bundle completed."]


def _resources(change: Change, bundle: Bundle, charms: Mapping[str, Charm]) -> list[str]:
    """Return the names of the resources that the deployment of an application adds."""
    name = str(change.args[2])
    application, charm = bundle.applications.get(name), charms.get(name)
    attached = application.resources if application else {}
    return sorted({*attached, *(charm.resources if charm else ())})


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
