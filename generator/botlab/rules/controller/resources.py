"""Refusals of an application's resources, by the client when it uploads them.

Source: cmd/juju/resource ``CheckExpectedResources`` and ``ValidateResourceDetails``.
"""

from __future__ import annotations

import os

from ...bundle.go_text import quote
from ...bundle.model import Application
from ...findings import KeyPath
from .deployment import Deployment

# A text that starts like this cannot be an image of a registry.
_PATH_STARTS = ("/", "./", "../")


def check_resources(deployment: Deployment) -> None:
    """Check the resources of all applications."""
    for name, application in deployment.applications.items():
        path: KeyPath = ("applications", name, "resources")
        if not _check_names(deployment, name, application, path):
            continue
        for resource, source in application.resources.items():
            if isinstance(source, str) and _is_file(deployment, name, resource, source):
                _check_file(deployment, resource, source, (*path, resource))


def _check_names(
    deployment: Deployment, name: str, application: Application, path: KeyPath
) -> bool:
    """Return whether the charm has all the resources, as far as the charm is known."""
    charm = deployment.charms.get(name)
    if charm is None:
        return True
    unknown = [resource for resource in application.resources if resource not in charm.resources]
    if len(unknown) == 1:
        message = f"unrecognized resource {quote(unknown[0])}"
        deployment.refuse("J103", (*path, unknown[0]), message)
    elif unknown:
        deployment.refuse("J103", path, f"unrecognized resources: {', '.join(unknown)}")
    return not unknown


def _is_file(deployment: Deployment, name: str, resource: str, source: str) -> bool:
    charm = deployment.charms.get(name)
    kind = charm.resource_types.get(resource) if charm else None
    if kind is not None:
        return kind == "file"
    return source.startswith(_PATH_STARTS) and not deployment.is_kubernetes


def _check_file(deployment: Deployment, resource: str, source: str, path: KeyPath) -> None:
    file = deployment.file_path(source)
    try:
        os.stat(file)  # noqa: PTH116 - a path of any length gives an OSError
    except FileNotFoundError:
        problem = f"file for resource {quote(resource)}: stat {file}: no such file or directory"
    except OSError as error:
        reason = (error.strerror or "").lower()
        problem = f"can't read file for resource {quote(resource)}: stat {file}: {reason}"
    except ValueError:  # a null character in the path
        problem = f"can't read file for resource {quote(resource)}: stat {file}: invalid argument"
    else:
        return
    deployment.refuse("J104", path, problem)
