"""The releases of Kubeflow that the charm kubeflow-installer installs, and what each one needs.

The tables are the charm's own files.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..json_text import load_json
from .kubernetes import Version, parse_version
from .package_data import charms_directory
from .release_table import KubernetesRange, default_release, read_table

CHARM = "kubeflow-installer"
TABLE = "src/kubeflow_installer/releases/releases.yaml"
KFDEFS = "src/kubeflow_installer/kfctl/kfdefs"
# Up to this release the control plane's charms do not set the flags by which the API server issues
# service account tokens with an audience. From 1.20 on they do (charm-kubernetes-master 1.20+ck1).
LAST_WITHOUT_TOKENS: Version = (1, 19)
# Those flags. The key is the one that the charm of 2019 keeps at this path on every control plane.
TOKEN_FLAGS = (
    "service-account-issuer=kubernetes.default.svc",
    "service-account-signing-key-file=/root/cdk/serviceaccount.key",
    "service-account-api-audiences=api,istio-ca",
)
# The component that reports usage to upstream. It may be excluded from any release, even from a
# release that does not have it.
REPORTER = "spartakus"
# The archives that an option can pin and that not every release needs.
_OPTIONAL_ARCHIVES = ("kfctl", "kustomize", "platform")
_NOTEBOOK_OPTIONS = {
    "gpu-vendor": "its notebook form has a text field for GPUs",
    "spawner-tolerations": "its notebook form has no tolerations",
}


class NodeResources(NamedTuple):
    """The resources that a release needs.

    Attributes:
        cpu: The number of CPUs.
        memory: The memory in GiB.
        disk: The disk in GB; 0 if upstream gives no figure.
        per_node: Whether one node must have all of it; otherwise the nodes have it together.
    """

    cpu: float
    memory: float
    disk: float = 0
    per_node: bool = False


class Archive(NamedTuple):
    """A file that a release is installed from.

    Attributes:
        url: Where upstream has it.
        digest: ``sha256:HEX`` of the file, or ``tree:HEX`` of the git tree in it; empty if
            upstream publishes none.
    """

    url: str
    digest: str


class Release(NamedTuple):
    """A release of Kubeflow.

    Attributes:
        name: Its version.
        kubernetes: The Kubernetes releases that have the API versions of its objects.
        documented: The first and the last Kubernetes release that upstream names for it.
        archives: The files that it is installed from, by the charm's resources.
        nodes: What the nodes must have.
        notebook_options: The charm options that have an effect on its notebook form.
        uses_kfctl: Whether kfctl installs it.
        needs_projected_tokens: Whether its pods ask for service account tokens with an audience.
        needs_network: Whether building its manifests downloads further ones.
    """

    name: str
    kubernetes: KubernetesRange
    documented: tuple[Version, Version]
    archives: Mapping[str, Archive]
    nodes: NodeResources
    notebook_options: tuple[str, ...]
    uses_kfctl: bool
    needs_projected_tokens: bool
    needs_network: bool

    @property
    def components(self) -> tuple[str, ...]:
        """The components that can be excluded, in the order of the release's KfDef.

        It is empty for releases that kustomize builds: their components are directories of the
        sources, which only the charm unpacks.
        """
        return _components(self.name) if self.uses_kfctl else ()

    @property
    def idle_options(self) -> dict[str, str]:
        """The options of the charm that have no effect on the release, with the reasons."""
        programs = {archive.partition("-")[0] for archive in self.archives}
        unused = [name for name in _OPTIONAL_ARCHIVES if name not in programs]
        return {f"{name}-url": f"it needs no {name}" for name in unused} | {
            option: reason
            for option, reason in _NOTEBOOK_OPTIONS.items()
            if option not in self.notebook_options
        }

    @property
    def architectures(self) -> tuple[str, ...]:
        """The machine architectures that its program was built for, as Juju names them."""
        return ("amd64",) if self.uses_kfctl else ("amd64", "arm64")

    def fits(self, kubernetes: Version) -> bool:
        """Return whether a Kubernetes release has the API versions of the release's objects."""
        return kubernetes in self.kubernetes


# The limits of the kernel that Kubeflow needs on workers (kubeflow/manifests #2087).
INOTIFY_LIMITS = {"fs.inotify.max_user_instances": 2280, "fs.inotify.max_user_watches": 1255360}


@functools.cache
def _table() -> dict[str, Any]:
    return read_table(CHARM, TABLE)


@functools.cache
def releases() -> tuple[Release, ...]:
    """Return the releases of the charm's table, from the oldest to the newest."""
    return tuple(_release(row) for row in _table()["releases"])


def _release(row: Mapping[str, Any]) -> Release:
    first, last = row["documented"]
    builders = _table()["kustomize"].get(row.get("kustomize"), {})
    archives = {f"kustomize-{architecture}": file for architecture, file in builders.items()}
    archives.update(row["archives"])
    return Release(
        name=row["name"],
        kubernetes=KubernetesRange.of_row(row),
        documented=(parse_version(first), parse_version(last)),
        archives={
            name: Archive(file["url"], file.get("digest", "")) for name, file in archives.items()
        },
        nodes=NodeResources(**row["nodes"]),
        notebook_options=tuple(row.get("notebook_options", ())),
        uses_kfctl=row["method"] == "kfctl",
        needs_projected_tokens=row.get("needs_projected_tokens", False),
        needs_network=row.get("needs_network", False),
    )


@functools.cache
def _components(release: str) -> tuple[str, ...]:
    file = charms_directory() / CHARM / KFDEFS / f"{release}.json"
    kfdef = load_json(file.read_text("utf-8"), str(file))
    return tuple(component["name"] for component in kfdef["components"])


def find_release(name: str) -> Release | None:
    """Return the release of a name that is written with or without ``v``.

    Returns:
        None when the charm does not have the release.
    """
    version = name.strip().lstrip("v")
    return next((release for release in releases() if release.name == version), None)


def choose_release(kubernetes: Version | None, name: str) -> Release | None:
    """Return the release that the charm installs.

    Args:
        kubernetes: The cluster's Kubernetes release; None when it is not known.
        name: The option ``version``; empty for the cluster's default.
    """
    if name:
        return find_release(name)
    default = default_release(_table()["defaults"], kubernetes) if kubernetes else None
    return find_release(default) if default else None
