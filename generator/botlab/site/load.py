"""Load a site file and its layers.

An invalid value is reported and dropped, and the remaining data is validated again. One run thus
reports everything that is wrong: first the types, then the rules about all values that are valid.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pydantic

from ..bundle.limits import refuse_counts
from ..errors import FileError
from ..findings import Finding, KeyPath, Location, PathPart, deepest_location
from ..yaml_nodes import Node, compose
from .groups import RANGE_ERROR, expand_groups
from .layers import (
    drop_nulls,
    duplicate_keys,
    empty_entries,
    is_empty_section,
    locate_path,
    merge_layers,
    to_data,
)
from .model import Site
from .number_ranges import groups_by_machine
from .validation_errors import (
    PydanticError,
    distinct_errors,
    duplicate_key_finding,
    error_finding,
    error_path,
    meant_paths,
)
from .workers import WORKER_DEFAULTS, with_worker_defaults

_MOST_VALIDATIONS = 20
# Sections that deploy something. An empty section asks for all defaults.
_DEPLOYING_SECTIONS = ("metallb", "nfs", "kubeflow")
# Sections whose entries are objects of the site. An empty entry has all defaults.
_SECTIONS_OF_OBJECTS = ("machines", "groups", "workers", "nfs-servers")
_PLACEHOLDERS: dict[PathPart, Any] = {"site": "unnamed", "kubernetes": {"profile": "k8s-1.13"}}


# The names of the files with the root nodes of their documents.
Roots = tuple[tuple[str, Node | None], ...]


class Layer(NamedTuple):
    """A site file: its text, and its name in messages."""

    text: str
    name: str = "site.yaml"


@dataclass(frozen=True)
class LoadedSite:
    """A site as far as it could be read.

    Attributes:
        site: The site without its invalid values; None when too little of it is valid.
        findings: What is wrong with the site file.
        dropped: The paths of the invalid values.
        roots: The files, to find lines in.
        groups: The group of each machine that is in one.
    """

    site: Site | None
    findings: tuple[Finding, ...] = ()
    dropped: frozenset[KeyPath] = frozenset()
    roots: Roots = field(default=(), repr=False)
    groups: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def locate(self, path: KeyPath) -> Location:
        """Return the file and line of a path, in the last file that has most parts of it."""
        return deepest_location((name, locate_path(root, path)) for name, root in self.roots)

    def with_location(self, finding: Finding) -> Finding:
        """Return a finding with the file and line of its path."""
        return finding.at(self.locate(finding.path))

    def written_path(self, path: KeyPath) -> KeyPath:
        """Return where the file sets a key of a machine: there, at its group or its workers."""
        if path[:1] != ("machines",) or not path[1:]:
            return path
        group = self.groups.get(str(path[1]))
        of_group = ("groups", group, *path[2:]) if group else path
        keys = (path, of_group, self._workers_path(path))
        return next((key for key in keys if self._has(key[:3])), of_group)

    def _workers_path(self, path: KeyPath) -> KeyPath:
        """Return the same key of the machine's entry of `workers`; empty for none."""
        machine = self.site.machines.get(str(path[1])) if self.site else None
        if machine is None or not machine.workers or not _is_worker_default(path):
            return ()
        return ("workers", machine.workers, *path[2:])

    def _has(self, path: KeyPath) -> bool:
        """Return whether a file has a key."""
        return bool(path) and any(
            locate_path(root, path)[0] == len(path) for _, root in self.roots
        )

    def is_dropped(self, key: str) -> bool:
        """Return whether a value was dropped at, above or below a key.

        Args:
            key: The key with its parents, separated by dots. ``*`` stands for any name. A key of
                the machines stands for the same key of the groups, too.
        """
        if key not in self._drops:
            keys = {key, re.sub(r"^machines\.", "groups.", key)}
            self._drops[key] = any(
                all(part in ("*", str(name)) for part, name in zip(pattern, path, strict=False))
                for pattern in (key.split(".") for key in keys)
                for path in self.dropped
            )
        return self._drops[key]

    def is_consequence(self, path: KeyPath) -> bool:
        """Return whether a finding at a path only follows from a dropped value."""
        prefixes = (path[:length] for length in range(len(path) + 1))
        return path in self._parents or any(part in self.dropped for part in prefixes)

    @functools.cached_property
    def _drops(self) -> dict[str, bool]:
        """The answers of `is_dropped`. Rules ask about the same keys for each finding."""
        return {}

    @functools.cached_property
    def _parents(self) -> frozenset[KeyPath]:
        """The paths that have a dropped value directly below them."""
        return frozenset(path[:-1] for path in self.dropped)


def _is_worker_default(path: KeyPath) -> bool:
    """Return whether a machine may have the key at a path from its entry of `workers`."""
    return len(path) > 2 and path[2] in WORKER_DEFAULTS


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
    if merged.get("groups"):
        # All machines may be in groups.
        merged.setdefault("machines", {})
    for key in ("machines", "applications"):
        if isinstance(merged.get(key), dict):
            refuse_counts(layers[0].name, **{key: len(merged[key])})
    return _validate(merged, findings, roots, juju)


def _root(layer: Layer) -> Node | None:
    roots = compose(layer.text, layer.name)
    if len(roots) != 1:
        raise FileError(
            layer.name, f"a site file is a single YAML document, but this file has {len(roots)}"
        )
    return roots[0]


def _duplicate_key_findings(roots: Roots) -> Iterator[Finding]:
    for name, root in roots:
        for path, position in duplicate_keys(root):
            yield duplicate_key_finding(path).at(Location(name, position))


def _merge(roots: Roots) -> Any:
    """Return the data of all layers."""
    merged: Any = {}
    for name, root in roots:
        layer = to_data(root, name)
        if not isinstance(layer, dict):
            raise FileError(name, "a site file is a mapping of keys, but this file is not")
        empty: dict[str, Any] = {
            key: {}
            for key in _DEPLOYING_SECTIONS
            if key not in merged and is_empty_section(root, key)
        }
        objects: dict[str, Any] = {
            section: {**layer[section], **{name: {} for name in names}}
            for section in _SECTIONS_OF_OBJECTS
            if (names := _new_empty_entries(root, section, merged))
        }
        merged = merge_layers(merged, {**layer, **empty, **objects})
    return merged


def _new_empty_entries(root: Node | None, section: str, merged: Mapping[str, Any]) -> list[str]:
    """Return the empty entries of a section that no earlier layer has."""
    earlier: Container[str] = merged.get(section) or ()
    return [name for name in empty_entries(root, section) if name not in earlier]


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
                dropped.update(_meant_paths(merged, errors))
                errors = [e for e in errors if not _is_meant(e, dropped)]
            # Later errors follow from dropped values, except for those of ranges. Ranges are
            # compared only once all other values are valid.
            reported = [e for e in errors if attempt == 0 or e["type"] == RANGE_ERROR]
            findings += [locator.with_location(error_finding(details)) for details in reported]
            dropped.update(_drop_all(merged, errors, juju))
            if ("machines",) in dropped:
                break
        else:
            return LoadedSite(
                _with_all_machines(site, roots[0][0]),
                tuple(findings),
                frozenset(dropped),
                roots,
                groups_by_machine(site.groups),
            )
    return LoadedSite(None, tuple(findings), frozenset(dropped), roots)


def _with_all_machines(site: Site, name: str) -> Site:
    """Return a site with the machines of its groups, and what they get from their workers."""
    if not site.groups and not site.workers:
        return site
    machines = expand_groups(site.machines, site.groups)
    refuse_counts(name, machines=len(machines))
    return site.model_copy(update={"machines": with_worker_defaults(machines, site.workers)})


def _meant_paths(merged: Any, errors: Sequence[PydanticError]) -> Iterator[KeyPath]:
    """Yield the keys that are not set because another key was written in their place."""
    for details in errors:
        yield from meant_paths(details, merged)


def _is_meant(error: PydanticError, meant: Container[KeyPath]) -> bool:
    return error["type"] == "missing" and error_path(error["loc"]) in meant


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
