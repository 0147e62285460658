"""Objects as many and as large as a Kubeflow's, with upstream's shape and none of its texts.

Namespaces, workloads, claims, definitions, webhooks and images are those of the release's
inventory. Everything is valid on servers from 1.20 to 1.37 alike, and the same on every run.
"""

from __future__ import annotations

from helpers.kubeflow.generated.archive import (
    COMPONENTS,
    as_archive,
    as_yaml,
    component,
    write_archive,
)
from helpers.kubeflow.generated.definitions import definitions, resources, webhooks
from helpers.kubeflow.generated.login import login, notebook_form
from helpers.kubeflow.generated.manifest import (
    SHIPPED_COOKIE,
    SHIPPED_HASH,
    SHIPPED_SECRET,
    SHIPPED_USER,
)
from helpers.kubeflow.generated.workloads import (
    claims,
    namespaces,
    rbac,
    services,
    settings,
    workloads,
)
from kubeflow_installer.releases.inventory import load
from labcharm.json_types import JsonObject

__all__ = [
    "COMPONENTS",
    "SHIPPED_COOKIE",
    "SHIPPED_HASH",
    "SHIPPED_SECRET",
    "SHIPPED_USER",
    "as_archive",
    "as_yaml",
    "component",
    "objects",
    "write_archive",
]


def objects(release: str = "1.10.2") -> list[JsonObject]:
    """Return a release's objects, about 600, in an order that kustomize could return."""
    inventory = load(release)
    return [
        *namespaces(inventory),
        *definitions(inventory),
        *rbac(inventory),
        *settings(inventory),
        *login(inventory),
        *notebook_form(inventory),
        *services(inventory),
        *claims(inventory),
        *workloads(inventory),
        *resources(inventory),
        *webhooks(inventory),
    ]
