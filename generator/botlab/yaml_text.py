"""Values as YAML text for the site files that botlab writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_SAFE_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_SAFE_DUMPER):
    """A dumper that writes lists in one line, as people do."""


def _represent_list(dumper: Any, entries: list[object]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", entries, flow_style=True)


_Dumper.add_representer(list, _represent_list)


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
