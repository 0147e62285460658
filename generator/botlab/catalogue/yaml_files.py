"""YAML files of this project and of charms."""

from __future__ import annotations

from typing import Any, cast

import yaml

from ..errors import FileError
from ..yaml_limits import refuse_expansion, refuse_large_text

YamlMapping = dict[str, Any]

_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER_TAG = "tag:yaml.org,2002:int"
# PyYAML takes quadratic time for a number in base 60, such as 1:30:00.
_LONGEST_BASE_60 = 100
# A date that does not exist is a ValueError. PyYAML does not check whether a scalar fits its
# explicit tag: `!!bool x` is a KeyError, `!!timestamp x` an AttributeError.
_CONSTRUCTION_ERRORS = (
    yaml.YAMLError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    OverflowError,
)


class _Loader(_SAFE_LOADER):
    """PyYAML's safe loader, in a time that is linear to the length of a number."""

    def construct_integer(self, node: yaml.ScalarNode) -> int:
        """Return the integer of a scalar.

        Raises:
            ValueError: When the scalar is not an integer, or is too long.
        """
        if ":" in node.value and len(node.value) > _LONGEST_BASE_60:
            raise ValueError(f"a number in base 60 has more than {_LONGEST_BASE_60} characters")
        number: int = self.construct_yaml_int(node)
        return number


# PyYAML's type stubs do not describe this class method of a loader that may be the C one.
_LOADER: Any = _Loader
_LOADER.add_constructor(_INTEGER_TAG, _Loader.construct_integer)


def load_yaml(text: str, name: str) -> YamlMapping:
    """Return the mapping of a YAML text from this project or from a charm.

    Raises:
        BotlabError: When the text is not a YAML mapping, or exceeds a limit.
    """
    mapping = load_value(text, name)
    if not isinstance(mapping, dict):
        raise FileError(name, "the file must hold a mapping")
    return cast("YamlMapping", mapping)


def load_value(text: str, name: str) -> object:
    """Return the value of a YAML text.

    Raises:
        BotlabError: When the text is not YAML, or exceeds a limit.
    """
    refuse_large_text(text, name)
    try:
        if "*" in text:
            refuse_expansion(yaml.compose(text, Loader=_LOADER), name)
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except _CONSTRUCTION_ERRORS as error:
        reason = " ".join(str(error).split())
        raise FileError(name, f"cannot be read as YAML: {reason}") from None
