"""The JSON Schema of the site file, generated from the model."""

from __future__ import annotations

from typing import Any, cast

from .model import Site


def site_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12), with the keys as the site file spells them."""
    schema = Site.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **cast("dict[str, Any]", _without_titles(schema)),
        "title": "botlab site file",
    }


def _without_titles(schema: Any) -> Any:
    """Return a schema without the titles that pydantic makes from the names of Python."""
    if isinstance(schema, list):
        return [_without_titles(entry) for entry in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_titles(entry)
        for key, entry in cast("dict[str, Any]", schema).items()
        if not (key == "title" and isinstance(entry, str))
    }
