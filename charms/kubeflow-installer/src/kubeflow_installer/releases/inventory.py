"""The inventory of each release: the names of its objects, from upstream's manifests."""

import json
import os
from typing import Collection, Iterator, NamedTuple, Set, Tuple

from labcharm.json_types import JsonObject, JsonValue
from labkube.charm.releases import ReleaseError

_DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inventories")
# Kind, namespace (empty where there is none) and name.
ObjectKey = Tuple[str, str, str]
CLAIM, NAMESPACE = "PersistentVolumeClaim", "Namespace"


class Inventory(NamedTuple):
    """What a release consists of.

    Attributes:
        release: The release's name.
        namespaces: The release's own namespaces. The namespace of a Profile belongs to its user.
        workloads: Kind, namespace and name of what runs permanently; Jobs are left out.
        claims: Namespace and name of the PersistentVolumeClaims. None of them names a class.
        definitions: Names of the CustomResourceDefinitions.
        services: Namespace and name of the Services that matter to people; for some releases, of
            all Services.
        webhooks: Kind and name of the webhook configurations.
        images: The images of pods, and those that workloads start, as upstream names them.
        at_run_time: API version, kind, namespace (empty where there is none) and name of the
            objects that the workloads themselves create outside of the release's namespaces.
            Deleting those namespaces does not delete them. From the sources of the programs, at
            the versions in the release.
    """

    release: str
    namespaces: Tuple[str, ...] = ()
    workloads: Tuple[ObjectKey, ...] = ()
    claims: Tuple[Tuple[str, str], ...] = ()
    definitions: Tuple[str, ...] = ()
    services: Tuple[Tuple[str, str], ...] = ()
    webhooks: Tuple[Tuple[str, str], ...] = ()
    images: Tuple[str, ...] = ()
    at_run_time: Tuple[Tuple[str, str, str, str], ...] = ()

    def object_keys(self) -> Set[ObjectKey]:
        """Return the keys of the namespaces, workloads and claims."""
        keys = {(NAMESPACE, "", name) for name in self.namespaces}
        keys |= {(CLAIM, namespace, name) for namespace, name in self.claims}
        return keys | set(self.workloads)

    def restricted_to(self, keys: Collection[ObjectKey]) -> "Inventory":
        """Return the inventory with only those namespaces, workloads and claims."""
        return self._replace(
            namespaces=tuple(name for name in self.namespaces if (NAMESPACE, "", name) in keys),
            workloads=tuple(key for key in self.workloads if key in keys),
            claims=tuple(claim for claim in self.claims if (CLAIM, claim[0], claim[1]) in keys),
        )


EMPTY = Inventory("")


def load(release: str) -> Inventory:
    """Return a release's inventory.

    The files are written by tests/helpers/recorders/kubeflow_inventory.py, which says where each
    fact was read. Up to 1.0 they follow upstream's sources and not what kfctl makes of them. A
    component that a site excludes is in the inventory all the same.

    Args:
        release: The release's name, such as "1.10.2".

    Raises:
        ReleaseError: When there is no inventory of the release. An empty inventory would mean that
            there is nothing to check, to mirror, or to remove.
    """
    try:
        with open(_path(release), encoding="utf-8") as file:
            return Inventory(release, *_fields(json.load(file)))
    except FileNotFoundError:
        title = f"Kubeflow {release or 'without a release'}"
        raise ReleaseError(f"this charm has no inventory of what {title} consists of") from None


def exists(release: str) -> bool:
    """Return whether the charm has an inventory of a release."""
    return os.path.exists(_path(release))


def object_key(manifest: JsonObject) -> ObjectKey:
    """Return the key by which an inventory identifies an object."""
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def _path(release: str) -> str:
    return os.path.join(_DIRECTORY, f"{os.path.basename(release)}.json")


def _fields(inventory: JsonObject) -> Iterator[JsonValue]:
    for field in Inventory._fields[1:]:
        rows = inventory.get(field, [])
        yield tuple(tuple(row) if isinstance(row, list) else row for row in rows)
