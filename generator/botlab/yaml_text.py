"""Values as YAML text, for site files and for the templates of bundles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

# Printable ASCII without the quote and the backslash.
_NEEDS_NO_ESCAPE = re.compile(r"[ !#-\[\]-~]*")
_SAFE_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_SAFE_DUMPER):
    """A dumper that writes lists in one line, as people do."""


def _represent_list(dumper: Any, entries: list[object]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", entries, flow_style=True)


_Dumper.add_representer(list, _represent_list)


class _FlowDumper(_SAFE_DUMPER):
    """A dumper that quotes each string, so that no reader takes it for another type."""


def _represent_string(dumper: Any, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_FlowDumper.add_multi_representer(str, _represent_string)
# A representer of the exact type would come first.
_FlowDumper.add_representer(str, _represent_string)


def yaml_flow(value: object) -> str:
    """Return a value as one line of ASCII, which can stand anywhere in a YAML text."""
    if isinstance(value, str) and _NEEDS_NO_ESCAPE.fullmatch(value):
        return f'"{value}"'  # What the dumper writes, in a hundredth of its time.
    text: str = yaml.dump(
        [value], Dumper=_FlowDumper, sort_keys=False, default_flow_style=True, width=2**31 - 1
    )
    return text.removesuffix("\n")[1:-1]


def yaml_compact(entries: Mapping[str, object]) -> str:
    """Return a mapping as one line of ASCII, as people write it: ``{tags: [a], gpu: true}``."""
    text: str = yaml.dump(
        dict(entries), Dumper=_Dumper, sort_keys=False, default_flow_style=True, width=2**31 - 1
    )
    return text.removesuffix("\n")


def yaml_lines(entries: Mapping[str, object], indent: str = "") -> Iterator[str]:
    """Yield the lines of a mapping. They are ASCII: other characters are written as escapes.

    Args:
        entries: The keys and values.
        indent: The text in front of each line.
    """
    text: str = yaml.dump(
        dict(entries), Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=2**16
    )
    for line in text.removesuffix("\n").split("\n"):
        yield f"{indent}{line}"
