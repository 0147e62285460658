"""The reference page of a charm out of its YAML: endpoints, options, actions, resources."""

import os
import sys
import textwrap
from typing import Any, Dict, Iterator

import yaml

CHARMS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def page(name: str) -> str:
    """Return the page of a charm as Markdown."""
    metadata, config, actions = (_load(name, part) for part in ("metadata", "config", "actions"))
    parts = ["# Reference: the charm %s" % name, _text(metadata["description"])]
    parts += ["Made from the charm's YAML files.", "## Endpoints", _endpoints(metadata)]
    parts += ["## Options", *_options(config["options"])]
    parts += ["## Actions", *_actions(actions)]
    if metadata.get("storage"):
        parts += ["## Storage", *_storage(metadata["storage"])]
    if metadata.get("resources"):
        parts += ["## Resources", *_resources(metadata["resources"])]
    return "\n\n".join(parts) + "\n"


def _load(name: str, part: str) -> Dict[str, Any]:
    with open(os.path.join(CHARMS, name, part + ".yaml"), encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


def _text(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 99, break_on_hyphens=False)


def _endpoints(metadata: Dict[str, Any]) -> str:
    rows = ["| endpoint | role | interface | scope |", "| --- | --- | --- | --- |"]
    for role in ("provides", "requires", "peers"):
        for name, body in sorted(metadata.get(role, {}).items()):
            scope = body.get("scope", "global")
            rows.append("| `%s` | %s | `%s` | %s |" % (name, role, body["interface"], scope))
    return "\n".join(rows)


def _options(options: Dict[str, Any]) -> Iterator[str]:
    for name, body in options.items():
        default = body.get("default")
        shown = "`%s`" % _literal(default) if default not in ("", None) else "empty"
        yield "### `%s`" % name
        yield "%s; default %s." % (body["type"].capitalize(), shown)
        yield _text(body["description"])


def _literal(value: Any) -> str:
    """Return a default as YAML has it: `true` for a boolean, every other value to the letter."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _actions(actions: Dict[str, Any]) -> Iterator[str]:
    for name, body in actions.items():
        yield "### `%s`" % name
        yield _text(body["description"])
        for param, spec in body.get("params", {}).items():
            default = " Default `%s`." % _literal(spec["default"]) if "default" in spec else ""
            told = " ".join(spec["description"].split())
            yield "- `%s` (%s): %s%s" % (param, spec["type"], told, default)


def _storage(storage: Dict[str, Any]) -> Iterator[str]:
    for name, body in storage.items():
        where = "at `%s`" % body["location"] if "location" in body else "where Juju chooses"
        yield "- `%s` (%s), %s: %s" % (name, body["type"], where, _text(body["description"]))


def _resources(resources: Dict[str, Any]) -> Iterator[str]:
    for name, body in resources.items():
        yield "- `%s` (`%s`): %s" % (name, body["filename"], _text(body["description"]))


if __name__ == "__main__":
    for charm in sys.argv[1:]:
        target = os.path.join(CHARMS, "..", "docs", "charms", charm + ".md")
        with open(target, "w", encoding="utf-8") as out:
            out.write(page(charm))
