"""The JSON Schema of the site file, out of the model."""

from __future__ import annotations

from typing import Any, cast

from .model import Site


def site_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12), with the keys as the site file spells them."""
    schema = Site.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **cast("dict[str, Any]", _untitled(schema)),
        "title": "botlab site file",
    }


def _untitled(value: Any) -> Any:
    """Leave out the titles that pydantic makes from Python names: they tell an editor nothing."""
    if isinstance(value, list):
        return [_untitled(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    items = cast("dict[str, Any]", value).items()
    return {
        key: _untitled(item)
        for key, item in items
        if not (key == "title" and isinstance(item, str))
    }
