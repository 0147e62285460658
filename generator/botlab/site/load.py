"""Load a site file and its layers.

An invalid value is reported and dropped, and the remaining data is validated again. One run thus
reports everything that is wrong: first the types, then the rules about all values that are valid.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pydantic

from ..bundle.limits import refuse_counts
from ..errors import BotlabError
from ..findings import Finding, KeyPath, Location, PathPart, deepest_location
from ..yaml_nodes import Node, compose
from .layers import (
    drop_nulls,
    duplicate_keys,
    is_empty_section,
    locate_path,
    merge_layers,
    to_data,
)
from .model import Site
from .validation_errors import (
    PydanticError,
    distinct_errors,
    duplicate_key_finding,
    error_finding,
    error_path,
)

_MOST_VALIDATIONS = 20
# Sections that deploy something. An empty section asks for all defaults.
_DEPLOYING_SECTIONS = ("metallb", "nfs", "kubeflow")
_PLACEHOLDERS: dict[PathPart, Any] = {"site": "unnamed", "kubernetes": {"profile": "k8s-1.13"}}

# The names of the files with the root nodes of their documents.
Roots = tuple[tuple[str, Node | None], ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A site file: its text, and its name in messages."""

    text: str
    name: str = "site.yaml"


@dataclass(frozen=True, slots=True)
class LoadedSite:
    """A site as far as it could be read.

    Attributes:
        site: The site without its invalid values; None when too little of it is valid.
        findings: What is wrong with the site file.
        dropped: The paths of the invalid values.
        roots: The files, to find lines in.
    """

    site: Site | None
    findings: tuple[Finding, ...] = ()
    dropped: frozenset[KeyPath] = frozenset()
    roots: Roots = field(default=(), repr=False)

    def locate(self, path: KeyPath) -> Location:
        """Return the file and line of a path, in the last file that has most parts of it."""
        return deepest_location((name, locate_path(root, path)) for name, root in self.roots)

    def with_location(self, finding: Finding) -> Finding:
        """Return a finding with the file and line of its path."""
        file, line = self.locate(finding.path)
        return dataclasses.replace(finding, line=line, file=file)

    def is_dropped(self, key: str) -> bool:
        """Return whether a value was dropped at, above or below a key.

        Args:
            key: The key with its parents, separated by dots. ``*`` stands for any name.
        """
        pattern = key.split(".")
        return any(
            all(part in ("*", str(name)) for part, name in zip(pattern, path, strict=False))
            for path in self.dropped
        )

    def is_consequence(self, path: KeyPath) -> bool:
        """Return whether a finding at a path only follows from a dropped value."""
        prefixes = (path[:length] for length in range(len(path) + 1))
        return path in _parents(self.dropped) or any(part in self.dropped for part in prefixes)


@functools.lru_cache(maxsize=4)
def _parents(paths: frozenset[KeyPath]) -> frozenset[KeyPath]:
    return frozenset(path[:-1] for path in paths)


def load_site(layers: Sequence[Layer], *, juju: str = "") -> LoadedSite:
    """Load a site file with its layers.

    Args:
        layers: The site file, followed by the layers that override it.
        juju: The release line to use when the key `juju` is missing or invalid.

    Raises:
        BotlabError: When a file is not a YAML mapping, or exceeds a limit.
    """
    roots = tuple((layer.name, _root(layer)) for layer in layers)
    findings = list(_duplicate_key_findings(roots))
    merged = drop_nulls(_merge(roots))
    for key in ("machines", "applications"):
        if isinstance(merged.get(key), dict):
            refuse_counts(layers[0].name, **{key: len(merged[key])})
    return _validate(merged, findings, roots, juju)


def _root(layer: Layer) -> Node | None:
    roots = compose(layer.text, layer.name)
    if len(roots) != 1:
        raise BotlabError(
            f"{layer.name}: a site file is a single YAML document, but this file has {len(roots)}"
        )
    return roots[0]


def _duplicate_key_findings(roots: Roots) -> Iterator[Finding]:
    for name, root in roots:
        for path, line in duplicate_keys(root):
            yield dataclasses.replace(duplicate_key_finding(path, line), file=name)


def _merge(roots: Roots) -> Any:
    """Return the data of all layers."""
    merged: Any = {}
    for name, root in roots:
        layer = to_data(root, name)
        if not isinstance(layer, dict):
            raise BotlabError(f"{name}: a site file is a mapping of keys, but this file is not")
        empty: dict[str, Any] = {
            key: {}
            for key in _DEPLOYING_SECTIONS
            if key not in merged and is_empty_section(root, key)
        }
        merged = merge_layers(merged, {**layer, **empty})
    return merged


def _validate(merged: Any, findings: list[Finding], roots: Roots, juju: str) -> LoadedSite:
    """Validate the data until everything invalid is dropped."""
    locator = LoadedSite(None, roots=roots)
    dropped: set[KeyPath] = set()
    for attempt in range(_MOST_VALIDATIONS):
        try:
            site = Site.model_validate(merged)
        except pydantic.ValidationError as error:
            errors = distinct_errors(error)
            if attempt == 0:
                merged = copy.deepcopy(merged)
                findings += [locator.with_location(error_finding(details)) for details in errors]
            dropped.update(_drop_all(merged, errors, juju))
            if ("machines",) in dropped:
                break
        else:
            return LoadedSite(site, tuple(findings), frozenset(dropped), roots)
    return LoadedSite(None, tuple(findings), frozenset(dropped), roots)


def _drop_all(merged: Any, errors: Sequence[PydanticError], juju: str) -> Iterator[KeyPath]:
    """Drop all invalid values and yield their paths."""
    # From the last to the first, so that the earlier indexes of a list stay right.
    for details in reversed(errors):
        path = error_path(details["loc"])
        _drop(merged, path, details["type"], juju)
        if path:
            yield path


def _drop(merged: Any, path: KeyPath, error_type: str, juju: str) -> None:
    """Remove an invalid value from the data, or replace a required one with a placeholder."""
    if path == ("juju",):
        merged["juju"] = juju or "2.9"
    elif len(path) == 1 and path[0] in _PLACEHOLDERS:
        merged[path[0]] = copy.deepcopy(_PLACEHOLDERS[path[0]])
    elif path == ("kubernetes", "profile"):
        merged["kubernetes"]["profile"] = "k8s-1.13"
    elif path == ("nfs", "server"):
        merged["nfs"]["server"] = next(iter(merged.get("machines") or {}), "unnamed")
    else:
        _remove(merged, path[:-1] if error_type == "missing" else path)


def _remove(tree: Any, path: KeyPath) -> None:
    if not path:
        return
    *parents, last = path
    for part in parents:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(tree, list) and isinstance(last, int) and last < len(tree):  # pyright: ignore[reportUnknownArgumentType]
        del tree[last]
    elif isinstance(tree, dict):
        tree.pop(last, None)  # pyright: ignore[reportUnknownMemberType]


__all__ = ["Layer", "LoadedSite", "load_site"]
