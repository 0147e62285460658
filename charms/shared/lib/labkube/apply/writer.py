"""Writes of single objects: by server-side apply, or by a merge on this side.

Servers before SERVER_SIDE get a create, or a three-way merge with what was applied last. An object
whose field is immutable is deleted and created again, for kinds where that does no harm.
"""

from typing import Callable

from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labkube.apply.last_applied import (
    annotation_for,
    annotation_of,
    is_digest,
    last_applied,
    with_annotation,
)
from labkube.apply.patch import covers, merge_patch, removals
from labkube.client.api import Api, ApiError, Version

SERVER_SIDE = (1, 22)
# The kinds that may be deleted and created again to change an immutable field.
RECREATED = ("StorageClass", "ClusterRoleBinding", "RoleBinding", "DaemonSet", "Deployment", "Job")
_DELETION_SECONDS = 30.0


def is_up_to_date(desired: JsonObject, live: JsonObject) -> bool:
    """Return whether a live object is in its desired state, so that there is nothing to write."""
    return annotation_of(live) == annotation_for(desired) and covers(live, desired)


class Writer:
    """Writes objects as a charm.

    Args:
        api: The cluster.
        charm: Name of the charm, which is the field manager.
        server_side: The first server version with which server-side apply is used.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self, api: Api, charm: str, server_side: Version, sleep: Callable[[float], None]
    ) -> None:
        self._api, self._charm, self._server_side = api, charm, server_side
        self._sleep = sleep

    def create(self, desired: JsonObject) -> None:
        """Create an object that does not exist."""
        if self._is_server_side():
            self._api.apply(with_annotation(desired), self._charm)
        else:
            self._api.create(with_annotation(desired))

    def change(self, desired: JsonObject, live: JsonObject) -> None:
        """Change an object that exists to its desired state."""
        try:
            if self._is_server_side():
                self._apply(desired, live)
            else:
                self._merge(desired, live)
        except ApiError as error:
            if error.status != 422 or desired["kind"] not in RECREATED:
                raise
            self._recreate(desired)

    def _is_server_side(self) -> bool:
        return self._api.version() >= self._server_side

    def _apply(self, desired: JsonObject, live: JsonObject) -> None:
        # The server removes what this manager applied before and does not apply any longer. Fields
        # that were merged while the server was older belong to another manager, so a patch removes
        # them.
        patch = removals(merge_patch(last_applied(live), live, with_annotation(desired)))
        if patch:
            self._api.patch(desired, patch)
        self._api.apply(with_annotation(desired), self._charm)

    def _merge(self, desired: JsonObject, live: JsonObject) -> None:
        annotated = with_annotation(desired)
        if is_digest(annotation_of(live)):
            # A digest does not show what to remove, so the object is replaced as a whole.
            version = live["metadata"].get("resourceVersion")
            annotated["metadata"] = dict(annotated["metadata"], resourceVersion=version)
            self._api.replace(annotated)
        else:
            self._api.patch(desired, merge_patch(last_applied(live), live, annotated))

    def _recreate(self, desired: JsonObject) -> None:
        self._api.delete(desired)
        wait_until(lambda: self._api.get(desired) is None, _DELETION_SECONDS, sleep=self._sleep)
        self._api.create(with_annotation(desired))
