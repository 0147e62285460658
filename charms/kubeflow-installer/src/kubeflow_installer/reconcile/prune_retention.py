"""The retention policy: what pruning never deletes, because it holds or carries users' data.

Only the action `uninstall` deletes these objects, in its own order, and it keeps their volumes.
"""

from typing import Callable

from kubeflow_installer.uninstall import owned_objects
from labcharm.json_types import JsonObject
from labkube.client.api import Api, ApiError, UnknownKindError
from labkube.client.references import DEFINITION, api_group

# The controller of Profiles deletes the user's namespace together with the Profile.
_DATA_KINDS = (
    ("", "Namespace"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim"),
    ("kubeflow.org", "Profile"),
)  # fmt: skip


def is_retained(api: Api, owns: Callable[[JsonObject], bool], live: JsonObject) -> bool:
    """Return whether pruning keeps an object.

    Deleting a definition deletes all objects of its kind, so a definition is kept while there is
    a foreign object of its kind.

    Args:
        api: The cluster.
        owns: Returns whether an object belongs to the application (`Objects.owns`).
        live: An object of the application, as it is on the cluster.
    """
    if (api_group(live["apiVersion"]), live["kind"]) in _DATA_KINDS:
        return True
    return live["kind"] == DEFINITION and _has_foreign_objects(api, owns, live)


def _has_foreign_objects(
    api: Api, owns: Callable[[JsonObject], bool], definition: JsonObject
) -> bool:
    try:
        custom_resources = api.list(*owned_objects.storage_kind(definition))
    except UnknownKindError:
        return False
    except ApiError:
        return True  # objects that cannot be listed may exist
    return not all(owns(resource) for resource in custom_resources)
