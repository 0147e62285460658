"""The types of the values in a charm's files, as far as facts are read from them.

Source: the schemas of metadata.yaml, config.yaml and manifest.yaml in juju/charm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ..errors import FileError

_Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _is_endpoint(value: Any) -> bool:
    return isinstance(value, str | dict)


def _is_list_of(check: _Check) -> _Check:
    return lambda value: isinstance(value, list) and all(map(check, cast("list[Any]", value)))


def _is_mapping_of(check: _Check) -> _Check:
    return lambda value: (
        isinstance(value, dict)
        and all(isinstance(key, str) for key in cast("dict[Any, Any]", value))
        and all(map(check, cast("dict[Any, Any]", value).values()))
    )


_MAPPINGS = (_is_mapping_of(_is_mapping), "a mapping of mappings")
_ENDPOINTS = (_is_mapping_of(_is_endpoint), "a mapping of interfaces or mappings")
_METADATA: dict[str, tuple[_Check, str]] = {
    "name": (_is_text, "a string"),
    "subordinate": (_is_boolean, "true or false"),
    "provides": _ENDPOINTS,
    "requires": _ENDPOINTS,
    "peers": _ENDPOINTS,
    "series": (_is_list_of(_is_text), "a list of strings"),
    "storage": _MAPPINGS,
    "resources": _MAPPINGS,
    "extra-bindings": (_is_mapping, "a mapping"),
}
_CONFIG = {"options": _MAPPINGS}
_MANIFEST = {"bases": (_is_list_of(_is_mapping), "a list of mappings")}


def check_metadata(metadata: Mapping[str, Any], name: str) -> None:
    """Check the types in ``metadata.yaml``.

    Args:
        metadata: The content of the file.
        name: The name of the file, for errors.

    Raises:
        BotlabError: When a value has the wrong type.
    """
    _check(metadata, _METADATA, name)


def check_config(config: Mapping[str, Any], name: str) -> None:
    """Check the types in ``config.yaml``, as :func:`check_metadata` does."""
    _check(config, _CONFIG, name)


def check_manifest(manifest: Mapping[str, Any], name: str) -> None:
    """Check the types in ``manifest.yaml``, as :func:`check_metadata` does."""
    _check(manifest, _MANIFEST, name)


def _check(mapping: Mapping[str, Any], types: Mapping[str, tuple[_Check, str]], name: str) -> None:
    for key, (has_type, description) in types.items():
        if mapping.get(key) is not None and not has_type(mapping[key]):
            raise FileError(name, f"{key} must be {description}")
