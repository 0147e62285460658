"""The output of ``juju deploy`` for a plan, and the plan as JSON.

Juju prints the changes on standard output, and everything else on standard error:
``handleChanges`` of the client writes changes to ``ctx.Stdout`` and messages with ``ctx.Infof``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.model import Application, Bundle
from ..catalogue.model import Charm
from ..juju import Juju
from .change_set import Change, ChangeSet
from .descriptions import STORES
from .model import Model


class Line(NamedTuple):
    """A line of output, with the stream that Juju prints it on."""

    text: str
    stream: Literal["stdout", "stderr"] = "stdout"


_NOTHING_TO_DO = Line("No changes to apply.", "stderr")


def located(bundle: Bundle, juju: Juju, model: Model | None = None) -> list[Line]:
    """Return the lines about charms of a store, which Juju prints before the changes."""
    deployed = model.applications if model else {}
    lines: list[Line] = []
    for name in sorted(bundle.applications):
        application = bundle.applications[name]
        if application is None or is_local_path(application.charm):
            continue
        # Juju does not ask the store about the charm that an application of the model has.
        if name not in deployed or deployed[name].charm != application.charm:
            text = _located(application, juju)
            lines += [Line(text, "stderr")] if text else []
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
    if url.schema == "cs" and revision >= 0:
        return f"{start}, revision {revision}"
    return f"{start}, channel {application.channel}" if application.channel else start


def dry_run(changes: ChangeSet) -> list[Line]:
    """Return the lines of ``--dry-run``."""
    if not changes.changes:
        return [_NOTHING_TO_DO]
    return [Line("Changes to deploy bundle:"), *_lines(changes.sorted())]


def executed(changes: ChangeSet, bundle: Bundle, charms: Mapping[str, Charm]) -> list[Line]:
    """Return the lines of a real deploy, which include the resources."""
    if not changes.changes:
        return [_NOTHING_TO_DO]
    lines = [Line("Executing changes:")]
    for change in changes.sorted():
        lines += _lines([change])
        if change.method == "deploy":
            resources = _resources(change, bundle, charms)
            lines += [Line(f"  added resource {name}", "stderr") for name in resources]
    return [*lines, Line("Deploy of bundle completed.", "stderr")]


def _resources(change: Change, bundle: Bundle, charms: Mapping[str, Charm]) -> list[str]:
    """Return the names of the resources that the deployment of an application adds."""
    name = str(change.args[2])
    application, charm = bundle.applications.get(name), charms.get(name)
    attached = application.resources if application else {}
    return sorted({*attached, *(charm.resources if charm else ())})


def _lines(changes: list[Change]) -> list[Line]:
    return [Line(f"- {line}") for change in changes for line in change.description]


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
