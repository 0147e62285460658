"""Refusals of an application's storage: unknown names, and counts that the charm does not allow.

Source: state/storage.go ``validateStorageConstraintsAgainstCharm`` up to 3.6;
domain/application/service/storage and ``handleApplicationDomainDeployError`` of 4.0.
"""

from __future__ import annotations

from ...bundle.directives import storage_count
from ...bundle.go_text import quote
from ...catalogue.model import Charm, Storage
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment


def check_storage(deployment: Deployment) -> None:
    """Check the storage of the applications whose charms are known."""
    for name, application, charm in deployment.known_applications():
        for key, directive in application.storage.items():
            path: KeyPath = ("applications", name, "storage", key)
            storage = charm.storage.get(key)
            if storage is None:
                _refuse_unknown(deployment, charm, path)
            elif charm.storage_is_exact:
                _check_count(deployment, charm, storage, storage_count(directive), path)


def _refuse_unknown(deployment: Deployment, charm: Charm, path: KeyPath) -> None:
    key = quote(str(path[3]))
    if deployment.juju >= Juju.V4_0:
        reason = f"storage directive {key} does not exist in the charm"
        reason = deployment.invalid_argument(f"invalid storage directive overrides: {reason}")
    else:
        reason = f"charm {quote(charm.name)} has no store called {key}"
        reason = f"cannot add application {quote(str(path[1]))}: {reason}"
    deployment.refuse_application("J105", path, reason)


def _check_count(
    deployment: Deployment, charm: Charm, storage: Storage, count: int, path: KeyPath
) -> None:
    if deployment.juju >= Juju.V4_0:
        reason = _count_problem_4(storage, count)
    else:
        reason = _count_problem(storage, count)
        store = f"charm {quote(charm.name)} store {quote(storage.name)}"
        reason = reason and f"cannot add application {quote(str(path[1]))}: {store}: {reason}"
    if reason:
        deployment.refuse_application("J105", path, reason)


def _count_problem(storage: Storage, count: int) -> str:
    if (storage.minimum, storage.maximum) == (1, 1) and count != 1:
        return f"storage is singular, {count} specified"
    if count < storage.minimum:
        return f"{storage.minimum} instances required, {count} specified"
    if storage.maximum is not None and count > storage.maximum:
        return f"at most {storage.maximum} instances supported, {count} specified"
    return ""


def _count_problem_4(storage: Storage, count: int) -> str:
    start = f"storage directive {quote(storage.name)} request count {count}"
    if count < storage.minimum:
        return f"{start} insufficient for the charm's minimum count of {storage.minimum}"
    if storage.maximum is not None and count > storage.maximum:
        return f"{start} exceeds the charm's maximum count of {storage.maximum}"
    return ""
