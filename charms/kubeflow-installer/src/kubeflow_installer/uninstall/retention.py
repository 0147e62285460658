"""What is no longer wanted and stays all the same: users' data are in it, or would go with it.

The action `uninstall` alone takes these, in its order, and keeps their volumes.
"""

from typing import Callable

from kubeflow_installer.uninstall import owned_objects
from labkube.client.api import Api, ApiError, Object, UnknownKindError

# A Profile's controller deletes the user's namespace with it.
_HOLDING = (
    ("", "Namespace"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim"),
    ("kubeflow.org", "Profile"),
)  # fmt: skip
_DEFINITION = "CustomResourceDefinition"


def stays(api: Api, owns: Callable[[Object], bool], found: Object) -> bool:
    """Tell whether an object stays where nothing but its deletion is in question.

    With a definition go all objects of its kind, so it stays while somebody else has one.

    Args:
        api: The cluster.
        owns: Tells whether an object is ours (`Objects.owns`).
        found: An object of ours, as it is on the cluster.
    """
    group = found["apiVersion"].rpartition("/")[0]
    if (group, found["kind"]) in _HOLDING:
        return True
    return found["kind"] == _DEFINITION and _is_used(api, owns, found)


def _is_used(api: Api, owns: Callable[[Object], bool], definition: Object) -> bool:
    try:
        there = api.list(*owned_objects.stored(definition))
    except UnknownKindError:
        return False
    except ApiError:
        return True  # what cannot be seen may be there
    return not all(owns(one) for one in there)
