"""The reference page of a charm.

Endpoints, options, actions and resources come from the charm's charmcraft.yaml, and its rights on
the cluster from its code. What cannot be made from them, such as the meaning of `active`, is
written in the charm's guarantees.md.
"""

import os
import sys
import textwrap
from typing import Any, Dict, Iterator

import yaml

from project import CHARMCRAFT
from rights_section import rights_section

CHARMS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
Document = Dict[str, Any]


def page(charm: str) -> str:
    """Return the page of a charm as Markdown."""
    project = _project(charm)
    parts = [f"# Reference: the charm {charm}", _fill(project["description"])]
    parts += [*_guarantees(charm), "Made from the charm's `charmcraft.yaml`.", "## Endpoints"]
    parts.append(_endpoints(project))
    parts += ["## Options", *_options(project["config"]["options"])]
    parts += ["## Actions", *_actions(project["actions"])]
    parts += ["## May do on your cluster", *rights_section(charm)]
    if project.get("storage"):
        parts += ["## Storage", *_storage(project["storage"])]
    if project.get("resources"):
        parts += ["## Resources", *_resources(project["resources"])]
    return "\n\n".join(parts) + "\n"


def _project(charm: str) -> Document:
    with open(os.path.join(CHARMS, charm, CHARMCRAFT), encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


def _guarantees(charm: str) -> Iterator[str]:
    """Return the sections that people write, for the charms that have them."""
    path = os.path.join(CHARMS, charm, "guarantees.md")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            yield file.read().strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fill(text: str) -> str:
    return textwrap.fill(_one_line(text), 99, break_on_hyphens=False)


def _endpoints(project: Document) -> str:
    rows = ["| endpoint | role | interface | scope |", "| --- | --- | --- | --- |"]
    for role in ("provides", "requires", "peers"):
        for name, body in sorted(project.get(role, {}).items()):
            scope = body.get("scope", "global")
            rows.append(f"| `{name}` | {role} | `{body['interface']}` | {scope} |")
    return "\n".join(rows)


def _options(options: Document) -> Iterator[str]:
    for name, body in options.items():
        default = body.get("default")
        shown = "empty" if default in ("", None) else f"`{_literal(default)}`"
        yield f"### `{name}`"
        yield f"{body['type'].capitalize()}; default {shown}."
        yield _fill(body["description"])


def _literal(default: object) -> str:
    """Return a default as YAML writes it: `true` for a boolean, other values unchanged."""
    return str(default).lower() if isinstance(default, bool) else str(default)


def _actions(actions: Document) -> Iterator[str]:
    for name, body in actions.items():
        yield f"### `{name}`"
        yield _fill(body["description"])
        for parameter, spec in body.get("params", {}).items():
            default = f" Default `{_literal(spec['default'])}`." if "default" in spec else ""
            description = _one_line(spec["description"])
            yield f"- `{parameter}` ({spec['type']}): {description}{default}"


def _storage(storage: Document) -> Iterator[str]:
    for name, body in storage.items():
        location = f"at `{body['location']}`" if "location" in body else "where Juju chooses"
        yield f"- `{name}` ({body['type']}), {location}: {_fill(body['description'])}"


def _resources(resources: Document) -> Iterator[str]:
    for name, body in resources.items():
        yield f"- `{name}` (`{body['filename']}`): {_fill(body['description'])}"


if __name__ == "__main__":
    sys.path.append(os.path.join(CHARMS, "shared", "lib"))
    for charm_name in sys.argv[1:]:
        sys.path.append(os.path.join(CHARMS, charm_name, "src"))
        target = os.path.join(CHARMS, "..", "docs", "charms", charm_name + ".md")
        with open(target, "w", encoding="utf-8") as output:
            output.write(page(charm_name))
