"""A stand-in for kustomize, and a site that builds manifests with it.

The stand-in joins the files that a list of resources names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from kubeflow_installer.sources.manifests import BuildInput, load_or_build
from labcharm.json_types import JsonObject
from labcharm.machine import Machine

_STAND_IN = """\
#!{python}
import os, sys
from pathlib import Path

log = Path({log!r})
log.write_text((log.read_text() if log.exists() else "") + os.environ["HOME"] + chr(10))
assert sys.argv[1] == "build" and sys.argv[3] == "-o", sys.argv
def texts(folder):
    lines = (folder / "kustomization.yaml").read_text().splitlines()
    for name in (line[2:] for line in lines if line.startswith("- ")):
        path = folder / name
        yield from texts(path) if path.is_dir() else [path.read_text()]
sys.stderr.write("# Warning: 'commonLabels' is deprecated.\\n")
{extra}
Path(sys.argv[4]).write_text("---\\n".join(texts(Path(sys.argv[2]))))
"""


class BuildSite:
    """The files of a build, and how often kustomize ran."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cache = directory / "cache"
        self.log = directory / "log"
        self.machine = Machine()
        self.kustomize = self.stand_in()

    def stand_in(self, extra: str = "", name: str = "kustomize") -> str:
        """Write a stand-in for kustomize that does something more."""
        path = self.directory / name
        path.write_text(_STAND_IN.format(python=sys.executable, log=str(self.log), extra=extra))
        path.chmod(0o755)
        return str(path)

    def load(
        self, source: str, kustomize: str, release: str, excluded: Iterable[str]
    ) -> list[JsonObject]:
        """Return the objects of a source, built or from the cache."""
        build = BuildInput(source, kustomize, list(excluded), str(self.cache))
        return load_or_build(self.machine, build, release)

    def objects(
        self, source: Path, excluded: Iterable[str] = (), kustomize: str = ""
    ) -> list[JsonObject]:
        """Return the objects of a source for 1.10.2."""
        return self.load(str(source), kustomize or self.kustomize, "1.10.2", excluded)

    @property
    def homes(self) -> list[str]:
        """The home directory of each run of kustomize."""
        return self.log.read_text().splitlines() if self.log.exists() else []


# The objects of a small archive.
SMALL = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "katib-config"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kserve-config"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "centraldashboard"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "jupyter-config"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "notebook-config"}},
]


def names(built: Iterable[JsonObject]) -> list[str]:
    """Return the objects' names, sorted."""
    return sorted(manifest["metadata"]["name"] for manifest in built)


def in_order(built: Iterable[JsonObject]) -> list[str]:
    """Return objects in an order that does not depend on kustomize's."""
    return sorted(json.dumps(manifest, sort_keys=True) for manifest in built)


def written(path: Path, text: str) -> Path:
    """Write a file and return its path."""
    path.write_text(text, encoding="utf-8")
    return path
