"""The pages of a charm that are made from its files: its reference, and parts of its README.

Endpoints, options, actions and resources come from the charm's charmcraft.yaml, and its rights on
the cluster from its code. What cannot be made from them, such as the meaning of `active`, is
written in the charm's guarantees.md.
"""

import os
import sys
import textwrap
from typing import Any, Dict, Iterator, List

import yaml

from defaults import literal, shown_default
from project import CHARMCRAFT
from rights_section import rights_section
from store_page import with_summaries

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
        yield _read(path).strip()


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
        yield f"### `{name}`"
        yield f"{body['type'].capitalize()}; default {shown_default(body)}."
        yield _fill(body["description"])


def _actions(actions: Document) -> Iterator[str]:
    for name, body in actions.items():
        yield f"### `{name}`"
        yield _fill(body["description"])
        for parameter, spec in body.get("params", {}).items():
            default = f" Default `{literal(spec['default'])}`." if "default" in spec else ""
            description = _one_line(spec["description"])
            yield f"- `{parameter}` ({spec['type']}): {description}{default}"


def _storage(storage: Document) -> Iterator[str]:
    for name, body in storage.items():
        location = f"at `{body['location']}`" if "location" in body else "where Juju chooses"
        yield f"- `{name}` ({body['type']}), {location}: {_fill(body['description'])}"


def _resources(resources: Document) -> Iterator[str]:
    for name, body in resources.items():
        yield f"- `{name}` (`{body['filename']}`): {_fill(body['description'])}"


def readme(charm: str) -> str:
    """Return the README of a charm with its lists of options and actions made anew."""
    return with_summaries(_read(os.path.join(CHARMS, charm, "README.md")), _project(charm))


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(charms: List[str]) -> None:
    """Write the pages of charms.

    Args:
        charms: The names of the charms.
    """
    sys.path.append(os.path.join(CHARMS, "shared", "lib"))
    for charm in charms:
        sys.path.append(os.path.join(CHARMS, charm, "src"))
        reference = os.path.join(CHARMS, "..", "docs", "charms", charm + ".md")
        own_readme = os.path.join(CHARMS, charm, "README.md")
        for path, text in ((reference, page(charm)), (own_readme, readme(charm))):
            with open(path, "w", encoding="utf-8") as output:
                output.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
