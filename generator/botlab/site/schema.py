"""The JSON Schema of the site file, generated from the model."""

from __future__ import annotations

from typing import Any, cast

from .model import Site
from .section import Section


def site_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12), with the keys as the site file spells them."""
    return file_schema(Site, "botlab site file")


def file_schema(model: type[Section], title: str) -> dict[str, Any]:
    """Return the JSON Schema of a file.

    Args:
        model: The model of the whole file.
        title: The title of the schema.
    """
    schema = model.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **cast("dict[str, Any]", _adapted(schema)),
        "title": title,
    }


def _adapted(schema: Any) -> Any:
    """Return a schema that says what the loader says, in the site file's own words.

    Pydantic makes titles from the names of Python. It also leaves a mapping open whose keys have
    a pattern, so that an editor would accept a key that the loader refuses.
    """
    if isinstance(schema, list):
        return [_adapted(entry) for entry in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    adapted = {
        key: _adapted(entry)
        for key, entry in cast("dict[str, Any]", schema).items()
        if not (key == "title" and isinstance(entry, str))
    }
    if "patternProperties" in adapted:
        adapted["additionalProperties"] = False
    return adapted
