"""The reference page of a charm, made from its YAML: endpoints, options, actions, resources."""

import os
import sys
import textwrap
from typing import Any, Dict, Iterator

import yaml

CHARMS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
Document = Dict[str, Any]


def page(charm: str) -> str:
    """Return the page of a charm as Markdown."""
    metadata, config, actions = (_load(charm, part) for part in ("metadata", "config", "actions"))
    parts = [f"# Reference: the charm {charm}", _fill(metadata["description"])]
    parts += ["Made from the charm's YAML files.", "## Endpoints", _endpoints(metadata)]
    parts += ["## Options", *_options(config["options"])]
    parts += ["## Actions", *_actions(actions)]
    if metadata.get("storage"):
        parts += ["## Storage", *_storage(metadata["storage"])]
    if metadata.get("resources"):
        parts += ["## Resources", *_resources(metadata["resources"])]
    return "\n\n".join(parts) + "\n"


def _load(charm: str, part: str) -> Document:
    with open(os.path.join(CHARMS, charm, part + ".yaml"), encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fill(text: str) -> str:
    return textwrap.fill(_one_line(text), 99, break_on_hyphens=False)


def _endpoints(metadata: Document) -> str:
    rows = ["| endpoint | role | interface | scope |", "| --- | --- | --- | --- |"]
    for role in ("provides", "requires", "peers"):
        for name, body in sorted(metadata.get(role, {}).items()):
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
    for charm_name in sys.argv[1:]:
        target = os.path.join(CHARMS, "..", "docs", "charms", charm_name + ".md")
        with open(target, "w", encoding="utf-8") as output:
            output.write(page(charm_name))
