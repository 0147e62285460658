"""The reference of the site file's keys (docs/site-file.md), generated from the schema."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .schema import site_schema

_INTRODUCTION = """\
# Site file reference

This page lists every key of the site file. It is generated from the model that validates site
files. `botlab explain KEY` shows a single key, `botlab schema` prints the JSON Schema for your
editor, and `botlab init` writes a commented file to start from. In the names of keys, `*` stands
for a name that you choose, and `[]` for each entry of a list. Keys marked as required must be set.

The sections `metallb`, `nfs` and `kubeflow` each deploy something. An empty section (`kubeflow:`
with nothing after the colon) enables the feature with all defaults, as `kubeflow: {}` does. With
`kubeflow: null`, the feature is left out. An empty entry of `machines`, `groups`, `workers` or
`nfs-servers` has all defaults, too. In a layer (`--layer`), both an empty section or entry and
`null` remove that of an earlier file.
"""

_WIDTH = 99

Schema = Mapping[str, Any]


def reference_page() -> str:
    """Return the page in Markdown."""
    return "\n".join([_INTRODUCTION, *key_entries(site_schema())])


def key_entries(schema: Schema, marks: str = "##") -> Iterator[str]:
    """Yield the entries of all keys of a file, in Markdown.

    Args:
        schema: The JSON Schema of the file.
        marks: The marks of the headings.
    """
    for entry in _entries(schema, schema.get("$defs", {}), ""):
        yield f"{marks} {entry}"


def _entries(section: Schema, definitions: Schema, prefix: str) -> Iterator[str]:
    """Yield the entries of a section's keys, and of the keys below them."""
    for key, field in section.get("properties", {}).items():
        path = f"{prefix}{key}"
        yield _entry(path, field, definitions, is_required=key in section.get("required", ()))
        inner_section, suffix = _inner_section(field, definitions)
        if inner_section:
            yield from _entries(inner_section, definitions, f"{path}{suffix}.")
    further = section.get("additionalProperties")
    if isinstance(further, dict):
        yield from _entries(
            _target(cast("Schema", further), definitions), definitions, f"{prefix}*."
        )


def _entry(path: str, field: Schema, definitions: Schema, *, is_required: bool) -> str:
    # The schema leaves out the description of a field that equals the one of its section.
    description = field.get("description") or _target(field, definitions).get("description", "")
    lines = [f"`{path}`", "", _fill(description), ""]
    facts = " ".join(_facts(field, definitions, is_required=is_required))
    if facts:
        lines += [_fill(facts), ""]
    return "\n".join(lines)


def _fill(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_on_hyphens=False, break_long_words=False)


def _facts(field: Schema, definitions: Schema, *, is_required: bool) -> Iterator[str]:
    if is_required:
        yield "Required."
    choices = _choices(field, definitions)
    if choices:
        yield f"One of {', '.join(f'`{choice}`' for choice in choices)}."
    if field.get("default") not in (None, "", [], {}):
        yield f"Default: `{_shown(field['default'])}`."
    if field.get("examples"):
        yield f"Example: `{_shown(field['examples'][0])}`."


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _choices(field: Schema, definitions: Schema) -> list[str]:
    target = _target(field, definitions)
    choices = target.get("enum") or _target(target.get("items", {}), definitions).get("enum", [])
    return [str(choice) for choice in choices]


def _target(field: Schema, definitions: Schema) -> Schema:
    """Return the schema that a field refers to; of alternatives, the first that is not null."""
    for alternative in field.get("anyOf", ()):
        if alternative.get("type") != "null":
            return _target(alternative, definitions)
    reference = str(field.get("$ref", ""))
    return definitions[reference.rpartition("/")[2]] if reference else field


def _inner_section(field: Schema, definitions: Schema) -> tuple[Schema, str]:
    """Return the section below a key, and what a path adds to reach it."""
    target = _target(field, definitions)
    if "properties" in target:
        return target, ""
    for child, suffix in _children(target):
        section, further = _inner_section(child, definitions)
        if section:
            return section, f"{suffix}{further}"
    return {}, ""


def _children(target: Schema) -> Iterator[tuple[Schema, str]]:
    """Yield the schemas of a mapping's values and of a list's entries."""
    named = [target.get("additionalProperties"), *target.get("patternProperties", {}).values()]
    for child, suffix in [*((child, ".*") for child in named), (target.get("items"), "[]")]:
        if isinstance(child, dict):
            yield cast("Schema", child), suffix
