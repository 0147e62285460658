"""The release tables that this suite's charms keep as YAML files beside their code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .kubernetes import Version, parse_version, version_text
from .package_data import charms_directory
from .yaml_files import load_yaml


@dataclass(frozen=True, slots=True)
class KubernetesRange:
    """The Kubernetes releases that a release of a workload runs on.

    Attributes:
        oldest: The first one that has the API versions of the workload's objects.
        newest: The last one; None without a limit.
    """

    oldest: Version
    newest: Version | None = None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> KubernetesRange:
        """Return the range that a row of a release table holds."""
        newest = row.get("newest")
        return cls(parse_version(row["oldest"]), parse_version(newest) if newest else None)

    def __contains__(self, kubernetes: Version) -> bool:
        return self.oldest <= kubernetes and (self.newest is None or kubernetes <= self.newest)

    def __str__(self) -> str:
        newest = f"to {version_text(self.newest)}" if self.newest else "and later"
        return f"{version_text(self.oldest)} {newest}"


def read_table(charm: str, path: str) -> dict[str, Any]:
    """Read a YAML file of one of this suite's charms.

    Args:
        charm: The charm's name.
        path: The file's path below the charm's directory.

    Raises:
        BotlabError: When the file does not hold a YAML mapping.
    """
    file = charms_directory() / charm / path
    return load_yaml(file.read_text("utf-8"), str(file))


def default_release(defaults: Sequence[Mapping[str, str]], kubernetes: Version) -> str | None:
    """Return the name of the release that a charm installs when its option names none.

    Args:
        defaults: The table's ``defaults``, from the newest Kubernetes release to the oldest.
        kubernetes: The cluster's Kubernetes release.

    Returns:
        None when the cluster is older than every row.
    """
    for row in defaults:
        if kubernetes >= parse_version(row["kubernetes"]):
            return row["release"]
    return None
