"""Read a site file and its layers.

An invalid value is reported and dropped, and the rest is validated again, so that one run shows
all that is wrong: the types first, and the rules over everything that is still valid.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pydantic

from ..errors import BotlabError
from ..findings import Finding, KeyPath, PathPart, Place, last_deepest
from ..yamlmarks import Node, compose
from .complaints import clean_path, complaint, errors_of, repeated
from .layers import find_line, is_blank, lay, plain, repeated_keys, without_nulls
from .model import Site

_ROUNDS = 20
# Sections by which something is deployed: standing there empty, they ask for its defaults.
_DEPLOYING = ("metallb", "nfs", "kubeflow")
_STAND_INS: dict[PathPart, Any] = {"site": "unnamed", "kubernetes": {"profile": "k8s-1.13"}}


@dataclass(frozen=True, slots=True)
class Layer:
    """One site file: its text and its name for people."""

    text: str
    name: str = "site.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A site as far as it could be read.

    Attributes:
        site: The site with invalid values left out; None when nothing sensible remains.
        findings: What was wrong.
        dropped: Paths of the values left out.
        roots: The files' names and nodes, for lines.
    """

    site: Site | None
    findings: tuple[Finding, ...] = ()
    dropped: frozenset[KeyPath] = frozenset()
    roots: tuple[tuple[str, Node | None], ...] = field(default=(), repr=False)

    def place_of(self, path: KeyPath) -> Place:
        """Return file and line at which a path stands, in the last file that has most of it."""
        return last_deepest((name, find_line(root, path)) for name, root in self.roots)

    def placed(self, finding: Finding) -> Finding:
        """Return a finding with the file and line at which its path is written."""
        file, row = self.place_of(finding.path)
        return dataclasses.replace(finding, line=row, file=file)

    def left_out(self, key: str) -> bool:
        """Tell whether a value at, above or below a key was dropped; ``*`` stands for any name."""
        parts = key.split(".")
        return any(
            all(part in ("*", str(one)) for part, one in zip(parts, dropped, strict=False))
            for dropped in self.dropped
        )

    def hides(self, path: KeyPath) -> bool:
        """Return whether a later finding at a path only follows from a dropped value."""
        return any(
            path == dropped[:-1] or path[: len(dropped)] == dropped for dropped in self.dropped
        )


def load_site(layers: Sequence[Layer], *, juju: str = "") -> Loaded:
    """Read a site file with further ones laid over it.

    Args:
        layers: The site file, then what is laid over it.
        juju: Stands in for a `juju` key that is missing or invalid.

    Raises:
        BotlabError: When a file is no YAML mapping.
    """
    roots = tuple((layer.name, _root(layer)) for layer in layers)
    findings = [
        dataclasses.replace(repeated(path, row), file=name)
        for name, root in roots
        for path, row in repeated_keys(root)
    ]
    data: Any = {}
    for layer, (_, root) in zip(layers, roots, strict=True):
        above = plain(root)
        if not isinstance(above, dict):
            raise BotlabError(f"{layer.name}: a site file is a mapping of keys; this is none")
        blank = [key for key in _DEPLOYING if key not in data and is_blank(root, key)]
        data = lay(data, {**above, **{key: dict[str, Any]() for key in blank}})
    return _validate(without_nulls(data), findings, roots, juju)


def _root(layer: Layer) -> Node | None:
    roots = compose(layer.text, layer.name)
    if len(roots) != 1:
        raise BotlabError(f"{layer.name}: a site file is one YAML document; this has {len(roots)}")
    return roots[0]


def _validate(
    data: Any, findings: list[Finding], roots: tuple[tuple[str, Node | None], ...], juju: str
) -> Loaded:
    blank = Loaded(None, roots=roots)
    dropped: set[KeyPath] = set()
    for attempt in range(_ROUNDS):
        try:
            site = Site.model_validate(data)
        except pydantic.ValidationError as error:
            errors = errors_of(error)
            if attempt == 0:
                data = copy.deepcopy(data)
                findings += [blank.placed(complaint(e)) for e in errors]
            # From the last to the first, so that a list's earlier indexes stay right.
            paths = [_drop(data, clean_path(e["loc"]), e["type"], juju) for e in errors[::-1]]
            dropped.update(path for path in paths if path)
            if any(path == ("machines",) for path in paths):
                break
        else:
            return Loaded(site, tuple(findings), frozenset(dropped), roots)
    return Loaded(None, tuple(findings), frozenset(dropped), roots)


def _drop(data: Any, path: KeyPath, kind: str, juju: str) -> KeyPath:
    """Take an invalid value out of the data, or put a stand-in there; return what was left."""
    if path == ("juju",):
        data["juju"] = juju or "2.9"
        return path
    if len(path) == 1 and path[0] in _STAND_INS:
        data[path[0]] = copy.deepcopy(_STAND_INS[path[0]])
        return path
    if path == ("kubernetes", "profile"):
        data["kubernetes"]["profile"] = "k8s-1.13"
        return path
    if path == ("nfs", "server"):
        data["nfs"]["server"] = next(iter(data.get("machines") or {}), "unnamed")
        return path
    target = path[:-1] if kind == "missing" else path
    _remove(data, target)
    return path


def _remove(data: Any, path: KeyPath) -> None:
    if not path:
        return
    *parents, last = path
    for part in parents:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(data, list) and isinstance(last, int) and last < len(data):  # pyright: ignore[reportUnknownArgumentType]
        del data[last]
    elif isinstance(data, dict):
        data.pop(last, None)  # pyright: ignore[reportUnknownMemberType]


__all__ = ["Layer", "Loaded", "load_site"]
