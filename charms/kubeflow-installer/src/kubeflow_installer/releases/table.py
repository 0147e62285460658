"""The releases of Kubeflow that this charm installs, how, and which of them fits a server.

The table is `releases.yaml` beside this module; its comments name the sources and say how to add a
release.
"""

import functools
import os
from typing import Dict, List, NamedTuple, Optional, Tuple

import yaml

from labcharm.json_types import JsonObject
from labkube.charm import releases as release_choice
from labkube.charm.releases import ReleaseError

Version = Tuple[int, int]
# The two methods by which a release's objects are produced.
KFCTL, MANIFESTS = "kfctl", "manifests"
_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "releases.yaml")


class Archive(NamedTuple):
    """A file that a release is installed from.

    Attributes:
        url: Where it is downloaded from.
        digest: What identifies it: `sha256:HEX` of the file, or `tree:HEX` of the git tree that
            it holds. Empty when upstream publishes no checksum.
    """

    url: str
    digest: str


class NodeRequirements(NamedTuple):
    """What a release needs of the cluster's nodes.

    Attributes:
        cpu: CPUs.
        memory: GiB of memory.
        disk: GB of disk; 0 if upstream gives no figure.
        per_node: Whether one node must have all of it; otherwise the nodes have it together.
    """

    cpu: float
    memory: float
    disk: float
    per_node: bool


class Release(NamedTuple):
    """A row of the release table.

    Attributes:
        name: The version, such as `1.10.2`.
        method: `kfctl` or `manifests`.
        oldest: The first Kubernetes release that has the API versions of its objects.
        newest: The last one; None without a limit.
        documented: The first and the last Kubernetes release that upstream names: tested,
            compatible, or without known issues.
        needs_projected_tokens: Whether its Istio asks for service account tokens with an audience.
        nodes: What it needs of the nodes.
        archives: The files that it is installed from, by name.
    """

    name: str
    method: str
    oldest: Version
    newest: Optional[Version]
    documented: Tuple[Version, Version]
    needs_projected_tokens: bool
    nodes: NodeRequirements
    archives: Dict[str, Archive]

    @property
    def title(self) -> str:
        """The release's name in messages."""
        return f"Kubeflow {self.name}"

    @property
    def number(self) -> Tuple[int, ...]:
        """The version as numbers, to compare it."""
        return tuple(int(part) for part in self.name.split("."))


@functools.lru_cache(maxsize=None)
def all_releases() -> Tuple[Release, ...]:
    """Return the release table, the oldest release first."""
    table = _table()
    return tuple(_release(row, table["kustomize"]) for row in table["releases"])


@functools.lru_cache(maxsize=None)
def _table() -> JsonObject:
    with open(_PATH, encoding="utf-8") as file:
        # 2 ms with libyaml; in pure Python 25 ms on 3.11 and 60 ms on 3.6.
        return dict(yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506


def _release(row: JsonObject, kustomize: JsonObject) -> Release:
    newest = row.get("newest")
    first, last = row["documented"]
    return Release(
        name=row["name"],
        method=row["method"],
        oldest=_version(row["oldest"]),
        newest=_version(newest) if newest else None,
        documented=(_version(first), _version(last)),
        needs_projected_tokens=row.get("needs_projected_tokens", False),
        nodes=_node_requirements(row["nodes"]),
        archives=_archives(row, kustomize),
    )


def _version(text: str) -> Version:
    major, minor = text.split(".")
    return int(major), int(minor)


def _node_requirements(row: JsonObject) -> NodeRequirements:
    return NodeRequirements(
        row["cpu"], row["memory"], row.get("disk", 0), row.get("per_node", False)
    )


def _archives(row: JsonObject, kustomize: JsonObject) -> Dict[str, Archive]:
    rows = dict(row["archives"])
    for architecture, archive in kustomize.get(row.get("kustomize", ""), {}).items():
        rows[f"kustomize-{architecture}"] = archive
    return {
        name: Archive(archive["url"], archive.get("digest", "")) for name, archive in rows.items()
    }


def find(name: str) -> Release:
    """Return a release by its name, with or without a leading `v`.

    Raises:
        ReleaseError: When the table has no such release.
    """
    for release in all_releases():
        if release.name == name.lstrip("v"):
            return release
    names = ", ".join(release.name for release in all_releases())
    raise ReleaseError(f"version is {name!r}, which this charm does not know; use one of {names}")


def choose(server: Version, name: str) -> Release:
    """Return the release for a server: the requested one, or the default for that server.

    Args:
        server: The server's version.
        name: The requested release; empty for the default.

    Raises:
        ReleaseError: When no release fits; the text names those that do.
    """
    defaults = [(_version(row["kubernetes"]), row["release"]) for row in _table()["defaults"]]
    release: Release = release_choice.choose(server, name, defaults, all_releases(), find)
    return release


def fits(release: Release, server: Version) -> bool:
    """Return whether a server has the API versions of a release's objects."""
    return release_choice.fits(release, server)


def fitting(server: Version) -> List[str]:
    """Return the names of the releases that fit a server."""
    return release_choice.fitting(all_releases(), server)


def undocumented_server(release: Release, server: Version) -> str:
    """Return a remark when upstream's documentation of a release does not cover a server."""
    first, last = release.documented
    if first <= server <= last:
        return ""
    return (
        f"upstream documents Kubernetes {_text(first)} to {_text(last)} for {release.title},"
        f" not {_text(server)}"
    )


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
