"""YAML files of this project and of charms."""

from __future__ import annotations

from typing import Any, cast

import yaml

from ..errors import BotlabError

YamlMapping = dict[str, Any]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str, name: str) -> YamlMapping:
    """Return the mapping of a YAML text from this project or from a charm.

    Raises:
        BotlabError: When the text is not a YAML mapping.
    """
    try:
        mapping = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    # A date that does not exist is a ValueError. Very many brackets exceed the parser's depth.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise BotlabError(f"{name}: cannot be read as YAML: {reason}") from None
    if not isinstance(mapping, dict):
        raise BotlabError(f"{name}: the file must hold a mapping")
    return cast("YamlMapping", mapping)
