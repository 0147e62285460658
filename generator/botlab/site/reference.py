"""The documentation of the site file's keys, out of its schema."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .schema import site_schema

_HEAD = """\
# The site file, key by key

Made from the model that reads it; `botlab explain KEY` prints one key, `botlab schema` the JSON
Schema for an editor, `botlab init` a commented file to start from. `*` stands for a name that you
choose; keys marked *required* must be there.

The sections `metallb`, `nfs` and `kubeflow` deploy something by being there. One that stands empty
(`kubeflow:`, nothing behind it) asks for all defaults, as `kubeflow: {}` does; `null` stands for a
section that is left out. In a layer (`--layer`) either takes away what an earlier file says there.
"""

Schema = Mapping[str, Any]


def page() -> str:
    """Return the page of all keys, as Markdown."""
    schema = site_schema()
    return "\n".join([_HEAD, *_keys(schema, schema["$defs"], "")])


def _keys(part: Schema, defs: Schema, before: str) -> Iterator[str]:
    for key, body in part.get("properties", {}).items():
        path = f"{before}{key}"
        yield _entry(path, body, defs, required=key in part.get("required", ()))
        inner, below = _inner(body, defs)
        if inner:
            yield from _keys(inner, defs, f"{path}{below}.")


def _entry(path: str, body: Schema, defs: Schema, *, required: bool) -> str:
    # Where a section's description is its class's too, the schema has it there alone.
    told = body.get("description") or _target(body, defs).get("description", "")
    lines = [f"## `{path}`", "", textwrap.fill(told, 99), ""]
    facts = ["required"] if required else []
    choices = _choices(body, defs)
    if choices:
        facts.append("one of " + ", ".join(f"`{choice}`" for choice in choices))
    if body.get("default") not in (None, "", [], {}):
        facts.append(f"default `{_shown(body['default'])}`")
    if body.get("examples"):
        facts.append(f"for example `{_shown(body['examples'][0])}`")
    if facts:
        joined = "; ".join(facts)
        whole = joined[0].upper() + joined[1:] + "."
        lines += [textwrap.fill(whole, 99, break_on_hyphens=False, break_long_words=False), ""]
    return "\n".join(lines)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _choices(body: Schema, defs: Schema) -> list[str]:
    found = _target(body, defs)
    return [
        str(choice)
        for choice in found.get("enum") or _target(found.get("items", {}), defs).get("enum", [])
    ]


def _target(body: Schema, defs: Schema) -> Schema:
    """Follow a reference; of alternatives take the first that is no null."""
    for option in body.get("anyOf", ()):
        if option.get("type") != "null":
            return _target(option, defs)
    reference = str(body.get("$ref", ""))
    return defs[reference.rpartition("/")[2]] if reference else body


def _inner(body: Schema, defs: Schema) -> tuple[Schema, str]:
    """Return the mapping below a key, and how a path reaches it."""
    target = _target(body, defs)
    if "properties" in target:
        return target, ""
    named: list[Any] = [target.get("additionalProperties")]
    named += target.get("patternProperties", {}).values()
    ways = [*((value, ".*") for value in named), (target.get("items"), "[]")]
    for value, below in ways:
        inner: Schema = _target(cast("Schema", value), defs) if isinstance(value, dict) else {}
        if "properties" in inner:
            return inner, below
    return {}, ""
